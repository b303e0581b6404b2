#include "engine/core/schema.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "engine/core/limits.hpp"

using namespace doorstep;

namespace {

Column text_column(std::string name) {
  Column out;
  out.name = std::move(name);
  return out;
}

Column reference(std::string name, std::uint16_t table, ColumnType type = ColumnType::uuid) {
  Column out;
  out.name = std::move(name);
  out.type = type;
  out.references = TableId{table};
  return out;
}

/// org_unit (the tree) <- household (scope column) <- visit (via household, append_only).
Schema::Parts village() {
  Table unit;
  unit.name = "org_unit";
  unit.key = "code";
  unit.key_type = ColumnType::text;
  unit.columns = {text_column("name"), reference("parent_code", 0, ColumnType::text)};
  unit.scope = {ScopeRule::Kind::key, {}};

  Table household;
  household.name = "household";
  household.columns = {reference("village_code", 0, ColumnType::text), text_column("phone"),
                       text_column("claimed_by"), text_column("claimed_at")};
  household.columns[2].group = household.columns[3].group = "claim";
  household.scope = {ScopeRule::Kind::column, ColumnId{0}};

  Table visit;
  visit.name = "visit";
  visit.columns = {reference("household_id", 1), text_column("findings"),
                   reference("corrects_id", 2)};
  visit.scope = {ScopeRule::Kind::via, ColumnId{0}};
  visit.append_only = true;
  visit.corrects = ColumnId{2};

  Schema::Parts parts;
  parts.name = "village";
  parts.tables = {unit, household, visit};
  parts.tree = ScopeTree{TableId{0}, ColumnId{1}};
  parts.roles = {
      Role{"volunteer", {{TableId{2}, true, true, {ColumnId{1}}}, {TableId{1}, true, true, {}}}}};
  return parts;
}

using Edit = std::function<void(Schema::Parts&)>;

std::string complaint(const Edit& edit) {
  Schema::Parts parts = village();
  edit(parts);
  const auto result = Schema::make(std::move(parts));
  if (result.ok()) return "nothing to complain about";
  CHECK(result.error().code == ErrorCode::schema_invalid);
  return result.error().detail;
}

bool says(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a schema finds its tables and columns by name and keeps their order") {
  const Schema schema = Schema::make(village()).value();
  CHECK(schema.find_table("visit") == TableId{2});
  CHECK_FALSE(schema.find_table("visits"));
  CHECK(schema.table(TableId{1}).find_column("phone") == ColumnId{1});
  CHECK_FALSE(schema.table(TableId{1}).find_column("id"));
  CHECK(Schema().tables().empty());
}

TEST_CASE("names: lowercase, unique, not reserved, not too long") {
  CHECK(says(complaint([](auto& p) { p.tables[1].name = "Household"; }), "lowercase"));
  CHECK(says(complaint([](auto& p) { p.tables[1].name = "org_unit"; }), "declared twice"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[1].name = "id"; }), "taken"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[1].name = "ds_position"; }), "reserved"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[1].name = std::string(65, 'a'); }),
             "longer"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[1].name = ""; }), "no name"));
  CHECK(says(complaint([](auto& p) { p.name = "1st"; }), "letter first"));
  CHECK(says(complaint([](auto& p) { p.roles.push_back(p.roles[0]); }), "declared twice"));
  CHECK(complaint([](auto& p) { p.tables[1].columns[1].name = std::string(64, 'a'); }) ==
        "nothing to complain about");
}

TEST_CASE("policies must fit their types") {
  const auto with = [](ColumnType type, MergePolicy policy) {
    return complaint([=](auto& p) {
      p.tables[1].columns[1].type = type;
      p.tables[1].columns[1].policy = policy;
    });
  };
  CHECK(says(with(ColumnType::real, MergePolicy::counter), "table 'household', column 'phone'"));
  CHECK(says(with(ColumnType::integer, MergePolicy::set), "type text"));
  CHECK(says(with(ColumnType::json, MergePolicy::concat), "type text"));
  CHECK(says(with(ColumnType::blob, MergePolicy::max), "policy max needs type"));
  CHECK(says(with(ColumnType::text, MergePolicy::ranked), "'states'"));
  CHECK(with(ColumnType::integer, MergePolicy::counter) == "nothing to complain about");
  CHECK(with(ColumnType::date, MergePolicy::min) == "nothing to complain about");
  CHECK(says(complaint([](auto& p) {
               p.tables[1].columns[1].states = {"open", "done"};
             }),
             "ranked only"));
  CHECK(says(complaint([](auto& p) {
               p.tables[1].columns[1].policy = MergePolicy::set;
               p.tables[1].columns[1].required = true;
             }),
             "cannot be required"));
}

TEST_CASE("references, scopes and via chains resolve and end") {
  CHECK(says(complaint([](auto& p) { p.tables[2].columns[0].type = ColumnType::text; }),
             "declare that type"));
  CHECK(says(complaint([](auto& p) { p.tables[2].columns[0].references = TableId{9}; }),
             "no declared table"));
  CHECK(says(complaint([](auto& p) { p.tables[2].columns[0].references.reset(); }), "'via' needs"));
  CHECK(
      says(complaint([](auto& p) { p.tables[1].scope.column = ColumnId{9}; }), "names no column"));
  CHECK(says(complaint([](auto& p) {
               p.tables[1].scope = {ScopeRule::Kind::key, {}};
             }),
             "text key"));
  CHECK(says(complaint([](auto& p) { p.tables[2].scope.column = ColumnId{2}; }), "circle"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[0].policy = MergePolicy::concat; }),
             "latest, first"));
}

TEST_CASE("groups, corrections, tree and roles are checked") {
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[3].group.clear(); }), "alone"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[3].policy = MergePolicy::first; }),
             "same policy"));
  CHECK(says(complaint([](auto& p) { p.tables[2].append_only = false; }), "append_only"));
  CHECK(says(complaint([](auto& p) { p.tables[2].corrects = ColumnId{0}; }), "its own table"));
  CHECK(says(complaint([](auto& p) { p.tree->table = TableId{1}; }), "scope = \"key\""));
  CHECK(says(complaint([](auto& p) { p.tree->parent = ColumnId{0}; }), "the table itself"));
  CHECK(says(complaint([](auto& p) { p.tree->parent = ColumnId{9}; }), "names no column"));
  CHECK(says(complaint([](auto& p) { p.tree->table = TableId{9}; }), "no declared table"));
  CHECK(says(complaint([](auto& p) { p.tables[2].corrects = ColumnId{9}; }), "names no column"));
  CHECK(says(complaint([](auto& p) {
               p.tables[1].columns[2].policy = p.tables[1].columns[3].policy = MergePolicy::concat;
             }),
             "a group merges by"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns[0].group = "claim"; }),
             "a column of its own"));
  CHECK(says(complaint([](auto& p) { p.tables[1].key_type = ColumnType::integer; }), "a key is"));
  CHECK(says(complaint([](auto& p) { p.roles[0].grants[0].table = TableId{7}; }), "not declared"));
  CHECK(says(complaint([](auto& p) { p.roles[0].grants[0].hidden = {ColumnId{7}}; }), "hidden"));
}

TEST_CASE("rules and match keys are counted and need what they ask with") {
  const auto rules = [](std::size_t count, const std::string& sql) {
    return complaint([&](Schema::Parts& p) {
      for (std::size_t i = 0; i < count; ++i) {
        p.tables[1].rules.push_back({"rule_" + std::to_string(i), sql, "no"});
      }
    });
  };
  CHECK(rules(limits::rule_count_max, "SELECT 1") == "nothing to complain about");
  CHECK(says(rules(limits::rule_count_max + 1, "SELECT 1"), "at most"));
  CHECK(says(rules(1, ""), "broken_if"));
  CHECK(says(rules(1, std::string(limits::rule_sql_bytes_max + 1, ' ')), "16 KiB"));
}

TEST_CASE("a schema at its limits is taken and one past them is not") {
  const auto columns = [](std::size_t count) {
    return [count](Schema::Parts& p) {
      p.tables[0].columns.resize(2);
      while (p.tables[0].columns.size() < count) {
        p.tables[0].columns.push_back(
            text_column("c" + std::to_string(p.tables[0].columns.size())));
      }
    };
  };
  CHECK(complaint(columns(limits::column_count_max)) == "nothing to complain about");
  CHECK(says(complaint(columns(limits::column_count_max + 1)), "at most 256 columns"));
  CHECK(says(complaint([](auto& p) { p.tables.clear(); }), "at least one table"));
  CHECK(says(complaint([](auto& p) { p.tables[1].columns.clear(); }), "at least one column"));
}

TEST_CASE(
    "the fingerprint changes with every rule that matters, and not with roles or source text") {
  const Fingerprint plain = Schema::make(village()).value().fingerprint();
  CHECK(plain == Schema::make(village()).value().fingerprint());
  const std::vector<Edit> rules = {
      [](auto& p) { p.name = "town"; },
      [](auto& p) { p.version = 2; },
      [](auto& p) { p.tables[1].name = "home"; },
      [](auto& p) { p.tables[1].key = "key"; },
      [](auto& p) { p.tables[1].columns[1].name = "telephone"; },
      [](auto& p) { p.tables[1].columns[1].type = ColumnType::date; },
      [](auto& p) { p.tables[1].columns[1].policy = MergePolicy::first; },
      [](auto& p) { p.tables[1].columns[1].required = true; },
      [](auto& p) { p.tables[1].columns[0].references.reset(); },
      [](auto& p) { p.tables[1].columns[2].group = p.tables[1].columns[3].group = "taken"; },
      [](auto& p) { p.tables[1].scope.column = ColumnId{1}; },
      [](auto& p) { p.tables[1].append_only = true; },
      [](auto& p) { p.tables[2].corrects.reset(); },
      [](auto& p) { p.tables[1].on_delete = DeletePolicy::delete_wins; },
      [](auto& p) { p.tree.reset(); },
      [](auto& p) { std::swap(p.tables[1].columns[1], p.tables[1].columns[2]); }};
  std::set<Fingerprint> seen = {plain};
  for (const Edit& edit : rules) {
    Schema::Parts parts = village();
    edit(parts);
    CHECK(seen.insert(Schema::make(std::move(parts)).value().fingerprint()).second);
  }
  Schema::Parts parts = village();
  parts.roles.clear();
  parts.source = "# another comment";
  CHECK(Schema::make(std::move(parts)).value().fingerprint() == plain);
}

TEST_CASE("types and policies have the names that schema files use") {
  for (const char* name : {"uuid", "text", "integer", "real", "boolean", "timestamp", "date",
                           "blob", "json", "attachment"}) {
    REQUIRE(column_type_of(name));
    CHECK(name_of(*column_type_of(name)) == name);
  }
  for (const char* name :
       {"latest", "first", "max", "min", "counter", "set", "concat", "ranked", "review", "hub"}) {
    REQUIRE(merge_policy_of(name));
    CHECK(name_of(*merge_policy_of(name)) == name);
  }
  CHECK(delete_policy_of("edit_wins") == DeletePolicy::edit_wins);
  CHECK(delete_policy_of("delete_wins") == DeletePolicy::delete_wins);
  CHECK_FALSE(column_type_of("varchar"));
  CHECK_FALSE(merge_policy_of("newest"));
}
