// Match keys of schema_check.hpp.
#include <algorithm>
#include <set>

#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/schema_check.hpp"

namespace doorstep {
namespace {

/// Can two values of this column be asked whether they are equal, as people would say it?
bool is_comparable(const Column& column) {
  const PolicyRules& rules = rules_of(column.policy);
  if (rules.shape != PolicyRules::Shape::assignments || rules.joins) {
    return false;
  }
  return column.type != ColumnType::json && column.type != ColumnType::attachment;
}

}  // namespace

std::string complaint_about(const Table& table, const MatchKey& key) {
  if (key.score < 1 || key.score > 100) return "'score' is a whole number from 1 to 100";
  if (table.match_keys.size() > limits::match_keys_max) {
    return "a table has at most " + std::to_string(limits::match_keys_max) + " match keys";
  }
  if (!key.similar && key.equal.empty()) return "it needs 'similar', 'equal' or both";
  if (key.equal.size() + 1 > limits::match_columns_max) {
    return "a match key has at most " + std::to_string(limits::match_columns_max) + " columns";
  }
  std::set<ColumnId> columns;
  if (key.similar) columns.insert(*key.similar);
  for (const ColumnId column : key.equal) {
    if (!columns.insert(column).second) return "a column is named twice";
  }
  for (const ColumnId column : columns) {
    if (column.index >= table.columns.size()) return "it names no column";
    const Column& definition = table.column(column);
    if (!is_comparable(definition)) {
      return "column '" + definition.name +
             "' cannot be compared; sets, counters, concat, json and attachments have no one value";
    }
  }
  if (key.similar && table.column(*key.similar).type != ColumnType::text) {
    return "'similar' needs a column of type text";
  }
  return "";
}

}  // namespace doorstep
