#include "server/duplicate_pair.hpp"

#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"

namespace doorstep {
namespace {

const MatchKey* key_named(const Table& table, std::string_view name) {
  for (const MatchKey& key : table.match_keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace

Result<ShownPair> look_at(HubSnapshot& snapshot, Duplicate pair) {
  ShownPair shown{std::move(pair), {}, {}};
  DS_ASSIGN(shown.first, snapshot.row({shown.pair.table, shown.pair.first}));
  DS_ASSIGN(shown.second, snapshot.row({shown.pair.table, shown.pair.second}));
  return shown;
}

std::vector<Difference> differences(const Table& table, const ShownPair& shown) {
  std::vector<Difference> found;
  if (!shown.first || !shown.second) return found;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Value& a = shown.first->image.values[i];
    const Value& b = shown.second->image.values[i];
    if (a != b) found.push_back({table.columns[i].name, a, b});
  }
  return found;
}

std::vector<std::string> columns_of(const Table& table, const MatchReason& reason) {
  std::vector<std::string> names;
  const MatchKey* key = key_named(table, reason.key);
  if (key == nullptr) return names;
  if (key->similar) names.push_back(table.column(*key->similar).name);
  for (const ColumnId column : key->equal) names.push_back(table.column(column).name);
  return names;
}

std::string reasons_json(const Table& table, const Duplicate& pair) {
  std::string reasons = "[";
  for (const MatchReason& reason : pair.reasons) {
    std::string columns = "[";
    for (const std::string& name : columns_of(table, reason)) {
      columns += (columns.size() > 1 ? "," : "") + json_string(name);
    }
    reasons +=
        (reasons.size() > 1 ? "," : "") + JsonLine()
                                              .text("key", reason.key)
                                              .number("similarity", std::int64_t{reason.similarity})
                                              .raw("columns", columns + "]")
                                              .done();
  }
  return reasons + "]";
}

Result<std::optional<RowId>> survivor_of(const Table& table, std::string_view wanted) {
  if (wanted.empty()) return std::optional<RowId>();
  DS_ASSIGN(const RowId row, key_of_text(table, wanted));
  return std::optional(row);
}

}  // namespace doorstep
