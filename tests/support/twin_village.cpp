#include "tests/support/twin_village.hpp"

#include <algorithm>

#include "engine/core/redirect.hpp"
#include "schema/loader.hpp"

namespace doorstep::test {

Schema twin_village() {
  auto schema = load_schema(R"(name = "twins"
version = 1
[tree]
table = "org_unit"
parent = "parent"
[tables.org_unit]
key = "code"
key_type = "text"
scope = "key"
[tables.org_unit.columns]
name = "text"
parent = { type = "text", references = "org_unit" }
[tables.household]
scope = "village_code"
[tables.household.columns]
village_code = { type = "text", references = "org_unit" }
head_name = "text"
address = "text"
phone = "text"
note = { type = "text", policy = "concat" }
last_visited = { type = "date", policy = "max" }
boxes = { type = "integer", policy = "counter" }
tags = { type = "text", policy = "set" }
[tables.household.match]
same_address = { similar = "head_name", equal = ["address"], score = 90 }
same_phone = { similar = "head_name", equal = ["phone"], score = 70 }
[tables.household.rules.not_too_many]
broken_if = "SELECT boxes FROM household WHERE id = :id AND boxes > 1000"
message = "more boxes than one family can get"
[tables.resident]
via = "household_id"
[tables.resident.columns]
household_id = { type = "uuid", references = "household" }
name = "text"
phone = "text"
[tables.visit]
via = "household_id"
append_only = true
[tables.visit.columns]
household_id = { type = "uuid", references = "household" }
resident_id = { type = "uuid", references = "resident" }
findings = "text"
)",
                            "twins.toml");
  DS_ASSERT(schema.ok());
  return std::move(schema).value();
}

RowId TwinWorld::household(Phone& phone, std::uint64_t number, std::string_view head,
                           std::string_view address, const std::string& village) {
  insert(phone, "household", numbered(number),
         {{"village_code", Value::text(village)},
          {"head_name", Value::text(head)},
          {"address", Value::text(address)}});
  return numbered(number);
}

RowId TwinWorld::resident(Phone& phone, std::uint64_t number, const RowId& house,
                          std::string_view name) {
  insert(phone, "resident", numbered(number),
         {{"household_id", key_value(house)}, {"name", Value::text(name)}});
  return numbered(number);
}

RowId TwinWorld::visit(Phone& phone, std::uint64_t number, const RowId& house,
                       std::string_view findings) {
  insert(phone, "visit", numbered(number),
         {{"household_id", key_value(house)}, {"findings", Value::text(findings)}});
  return numbered(number);
}

std::vector<Duplicate> TwinWorld::pairs(bool only_open) {
  return hub->snapshot().value()->duplicates(only_open, 1000).value();
}

Duplicate TwinWorld::open_pair() {
  const auto open = pairs();
  DS_ASSERT(open.size() == 1);
  return open.front();
}

Result<DuplicateOutcome> TwinWorld::accept(const Duplicate& pair,
                                           const std::optional<RowId>& survivor) {
  return accept_duplicate(*hub, {pair.id, "李秀英", now, new_token()}, survivor);
}

Result<DuplicateOutcome> TwinWorld::reject(const Duplicate& pair) {
  return reject_duplicate(*hub, {pair.id, "李秀英", now, new_token()});
}

Result<DuplicateOutcome> TwinWorld::unmerge(const Duplicate& pair) {
  return unmerge_duplicate(*hub, {pair.id, "李秀英", now, new_token()});
}

std::vector<std::string> TwinWorld::losers(const std::string& table, const RowId& row) {
  std::vector<std::string> found;
  const RowKey key{table_id(schema, table), row};
  const auto snapshot = hub->snapshot().value();
  const auto all = snapshot->conflicts({std::nullopt, std::nullopt, 1'000'000}).value();
  for (const Conflict& one : all) {
    if (one.key != key) continue;
    const std::string column = one.column ? schema.table(key.table).column(*one.column).name : "";
    found.push_back(column + ": " + one.loser.value.display() + " (" +
                    std::string(name_of(one.state)) + ")");
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<RowId> TwinWorld::home_of(const std::string& table, const RowId& row) {
  const auto found = hub_row(table, row);
  if (!found || !found->live) return std::nullopt;
  return RowId::from(field(schema, table, found->image, "household_id").as_blob());
}

std::string TwinWorld::stray_reference() {
  auto commit = hub->begin().value();
  for (const Duplicate& pair : pairs(false)) {
    for (const RowId& end : {pair.first, pair.second}) {
      if (!commit->duplicates().merged_into({pair.table, end}).value()) continue;
      for (const auto& [table, column] : referring_columns(schema, pair.table)) {
        if (!commit->children({table, column, end}).value().empty()) {
          return schema.table(table).name + " refers to merged " + to_hex(end.view());
        }
      }
    }
  }
  return {};
}

}  // namespace doorstep::test
