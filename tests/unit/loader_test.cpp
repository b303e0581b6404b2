#include "schema/loader.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "engine/core/limits.hpp"
#include "tests/support/paths.hpp"

using namespace doorstep;

namespace {

const std::string small = R"(name = "small"
version = 3
[tables.unit]
key = "code"
key_type = "text"
scope = "key"
[tables.unit.columns]
zebra = "text"
apple = { type = "text", references = "unit", required = true }
[tables.order]
scope = "unit_code"
[tables.order.columns]
unit_code = { type = "text", references = "unit" }
state = { type = "text", policy = "ranked", states = ["open", "done"] }
claimed_by = { type = "text", policy = "first", group = "claim" }
claimed_at = { type = "timestamp", policy = "first", group = "claim" }
[tree]
table = "unit"
parent = "apple"
[roles.reader]
order = { read = true, hidden = ["state"] }
unit = "write"
)";

/// The complaint about `small` after one replacement.
std::string complaint(std::string_view from, std::string_view to) {
  std::string text = small;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto result = load_schema(text, "small.toml");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == ErrorCode::schema_invalid);
  return result.error().detail;
}

}  // namespace

TEST_CASE("a schema file keeps its order of tables and columns and every declaration") {
  const auto loaded = load_schema(small, "small.toml");
  REQUIRE(loaded.ok());
  const Schema& schema = loaded.value();
  CHECK(schema.name() == "small");
  CHECK(schema.version() == 3);
  CHECK(schema.source() == small);
  REQUIRE(schema.tables().size() == 2);
  const Table& unit = schema.tables()[0];
  CHECK(unit.name == "unit");
  CHECK(unit.key == "code");
  CHECK(unit.key_type == ColumnType::text);
  CHECK(unit.columns[0].name == "zebra");
  CHECK(unit.columns[1].required);
  CHECK(unit.columns[1].references == TableId{0});
  const Table& order = schema.tables()[1];
  CHECK(order.scope.column == ColumnId{0});
  CHECK(order.columns[1].states == std::vector<std::string>{"open", "done"});
  CHECK(order.columns[3].policy == MergePolicy::first);
  CHECK(order.columns[3].group == "claim");
  REQUIRE(schema.tree());
  CHECK(schema.tree()->parent == ColumnId{1});
  REQUIRE(schema.roles().size() == 1);
  CHECK(schema.roles()[0].grants[0].table == TableId{1});
  CHECK(schema.roles()[0].grants[0].hidden == std::vector<ColumnId>{ColumnId{1}});
  CHECK_FALSE(schema.roles()[0].grants[0].write);
  CHECK(schema.roles()[0].grants[1].write);
}

TEST_CASE("comments and layout do not change the fingerprint, declarations do") {
  const Fingerprint plain = load_schema(small, "a").value().fingerprint();
  CHECK(load_schema("# a comment\n\n" + small, "b").value().fingerprint() == plain);
  std::string renamed = small;
  renamed.replace(renamed.find("zebra"), 5, "zebro");
  CHECK(load_schema(renamed, "c").value().fingerprint() != plain);
}

TEST_CASE("a mistyped key names its line and column and the word that was meant") {
  CHECK(complaint("required = true", "requierd = true") ==
        "small.toml:9:47: unknown key 'requierd' in column 'apple' of table 'unit'; did you mean "
        "'required'?");
  CHECK(complaint("policy = \"ranked\"", "policy = \"rankd\"") ==
        "small.toml:14:35: policy of column 'state' of table 'order' cannot be 'rankd'; did you "
        "mean 'ranked'?");
  CHECK(complaint("zebra = \"text\"", "zebra = \"varchar\"") ==
        "small.toml:8:9: type of column 'zebra' of table 'unit' cannot be 'varchar'; write one of: "
        "uuid, text, "
        "integer, real, boolean, timestamp, date, blob, json, attachment");
  CHECK(complaint("scope = \"unit_code\"", "scope = \"unit_cod\"") ==
        "small.toml:11:9: 'scope' of table 'order' names no column 'unit_cod' of table 'order'; "
        "did you mean "
        "'unit_code'?");
  CHECK(complaint("references = \"unit\" }", "references = \"units\" }") ==
        "small.toml:13:43: 'references' of column 'unit_code' of table 'order' names no table "
        "'units'; did you mean "
        "'unit'?");
  CHECK(complaint("version = 3", "versio = 3")
            .starts_with("small.toml:2:1: unknown key 'versio' in the schema; did"));
  CHECK(complaint("hidden = [\"state\"]", "hidden = [\"stat\"]")
            .starts_with("small.toml:21:34: 'hidden' of role"));
}

TEST_CASE("wrong kinds of values say what to write instead") {
  CHECK(complaint("version = 3", "version = 0") ==
        "small.toml:2:11: 'version' must be a whole number from 1 on");
  CHECK(complaint("required = true", "required = 1").ends_with("must be true or false"));
  CHECK(complaint("states = [\"open\", \"done\"]", "states = \"open\"").find("must be a list") !=
        std::string::npos);
  CHECK(complaint("unit = \"write\"", "unit = \"all\"").find("write \"read\"") !=
        std::string::npos);
  CHECK(complaint("scope = \"unit_code\"\n", "").find("needs either scope or via") !=
        std::string::npos);
  CHECK(complaint("name = \"small\"", "name = 5").starts_with("small.toml:1:8: "));
  CHECK(complaint("zebra = \"text\"", "zebra = [1]").starts_with("small.toml:8:9: "));
}

TEST_CASE("what only the whole schema shows still names the line of its table or column") {
  CHECK(complaint("policy = \"ranked\", ", "")
            .starts_with("small.toml:14:1: table 'order', column 'state': "));
  CHECK(complaint("key_type = \"text\"\n", "")
            .starts_with("small.toml:8:1: table 'unit', column 'apple': "));
  CHECK(complaint("zebra", "Zebra").starts_with("small.toml:3:9: table 'unit': column 'Zebra'"));
}

TEST_CASE("what is no TOML, no UTF-8 or too long is refused with its place") {
  CHECK(complaint("version = 3", "version = ").starts_with("small.toml:2:"));
  CHECK(complaint("zebra = \"text\"", "zebra = \"\xff\"").find("this is not TOML") !=
        std::string::npos);
  CHECK(complaint("version = 3", "version = 3\nversion = 4").find("this is not TOML") !=
        std::string::npos);
  CHECK(load_schema("", "empty.toml").error().detail.find("needs 'name'") != std::string::npos);
  CHECK(load_schema(small + std::string(limits::schema_bytes_max, '#'), "x").error().code ==
        ErrorCode::schema_invalid);
  CHECK(load_schema_file("/nowhere/village.toml").error().code == ErrorCode::io_error);
}

TEST_CASE("the village schema loads, parents come first, and every policy but hub is in use") {
  const auto loaded = load_schema_file(test::source_dir() / "schema/village.toml");
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().detail);
  const Schema& schema = loaded.value();
  std::set<MergePolicy> used;
  for (std::size_t i = 0; i < schema.tables().size(); ++i) {
    for (const Column& column : schema.tables()[i].columns) {
      used.insert(column.policy);
      if (column.references) CHECK(column.references->index <= i);
    }
  }
  CHECK(used == std::set<MergePolicy>{MergePolicy::latest, MergePolicy::first, MergePolicy::max,
                                      MergePolicy::min, MergePolicy::counter, MergePolicy::set,
                                      MergePolicy::concat, MergePolicy::ranked,
                                      MergePolicy::review});
  for (const char* name : {"org_unit", "member", "household", "resident", "visit", "health_check",
                           "service_order", "fund_entry", "supply"}) {
    CHECK(schema.find_table(name));
  }
  CHECK(schema.table(*schema.find_table("visit")).append_only);
  std::set<std::string> roles;
  for (const Role& role : schema.roles()) roles.insert(role.name);
  CHECK(roles == std::set<std::string>{"volunteer", "village_secretary", "township_secretary",
                                       "county_office"});
}

TEST_CASE("match keys are read in file order, and a wrong one is named with its line") {
  const std::string keys = small + R"([tables.order.match]
twice = { similar = "state", equal = ["unit_code"], within = "scope", score = 70 }
claim = { equal = ["claimed_by"] }
)";
  const auto loaded = load_schema(keys, "small.toml");
  REQUIRE(loaded.ok());
  const Table& order = loaded->tables()[1];
  REQUIRE(order.match_keys.size() == 2);
  CHECK(order.match_keys[0].name == "twice");
  CHECK(order.match_keys[0].similar == ColumnId{1});
  CHECK(order.match_keys[0].equal == std::vector<ColumnId>{ColumnId{0}});
  CHECK(order.match_keys[0].same_scope);
  CHECK(order.match_keys[0].score == 70);
  CHECK_FALSE(order.match_keys[1].similar);
  CHECK_FALSE(order.match_keys[1].same_scope);
  CHECK(order.match_keys[1].score == 100);
  CHECK(loaded->fingerprint() != load_schema(small, "small.toml")->fingerprint());

  const auto refused = [](const std::string& line) {
    const auto result = load_schema(small + "[tables.order.match]\n" + line + "\n", "small.toml");
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == ErrorCode::schema_invalid);
    return result.error().detail;
  };
  CHECK(refused("k = { equal = [\"unit\"] }").starts_with("small.toml:24:16: "));
  CHECK(refused("k = { equals = [\"unit_code\"] }").find("did you mean 'equal'") !=
        std::string::npos);
  CHECK(refused("k = { similar = \"claimed_at\" }").find("type text") != std::string::npos);
  CHECK(refused("k = {}").find("needs 'similar'") != std::string::npos);
  CHECK(refused("k = { equal = [\"unit_code\"], score = 0 }").find("1 to 100") !=
        std::string::npos);
  CHECK(refused("k = { equal = [\"unit_code\"], within = \"house\" }").find("scope") !=
        std::string::npos);
  CHECK(refused("K = { equal = [\"unit_code\"] }").find("lowercase") != std::string::npos);
}
