#include "tests/support/grown_village.hpp"

#include <utility>

#include "tests/support/small_village.hpp"

namespace doorstep::test {
namespace {

Column grown_column(std::string name, MergePolicy policy = MergePolicy::latest) {
  Column column;
  column.name = std::move(name);
  column.policy = policy;
  return column;
}

}  // namespace

Schema::Parts parts_of(const Schema& schema) {
  Schema::Parts parts;
  parts.name = schema.name();
  parts.version = schema.version() + 1;
  parts.tables = schema.tables();
  parts.roles = schema.roles();
  parts.tree = schema.tree();
  return parts;
}

Schema grown_village() {
  const Schema before = small_village();
  Schema::Parts parts = parts_of(before);
  Table& resident = parts.tables[table_id(before, "resident").index];
  resident.columns.push_back(grown_column("mood"));
  resident.columns.push_back(grown_column("stage", MergePolicy::ranked));
  resident.columns.back().states = {"asked", "promised", "done"};
  resident.columns.push_back(grown_column("helper", MergePolicy::first));
  Table pair;
  pair.name = "pair";
  pair.columns = {grown_column("household_id"), grown_column("tutor")};
  pair.columns[0].type = ColumnType::uuid;
  pair.columns[0].references = table_id(before, "household");
  pair.scope = {ScopeRule::Kind::via, ColumnId{0}};
  parts.tables.push_back(pair);
  return Schema::make(std::move(parts)).value();
}

Schema twice_grown_village() {
  const Schema before = grown_village();
  Schema::Parts parts = parts_of(before);
  parts.tables[table_id(before, "resident").index].columns.push_back(grown_column("fax"));
  return Schema::make(std::move(parts)).value();
}

}  // namespace doorstep::test
