// Rules of the schema: what the loader takes, where it complains, and what the fingerprint holds.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "schema/loader.hpp"

using namespace doorstep;

namespace {

std::string fund(const std::string& rules) {
  return R"(name = "fund"
version = 1
[tables.entry]
scope = "village"
[tables.entry.columns]
village = "text"
amount_fen = "integer"
)" + rules;
}

const std::string not_overdrawn = R"([tables.entry.rules.not_overdrawn]
broken_if = "SELECT 1 FROM entry WHERE id = :id"
message = "the fund would be overdrawn"
)";

std::string complaint(const std::string& rules) {
  const auto loaded = load_schema(fund(rules), "fund.toml");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code == ErrorCode::schema_invalid);
  return loaded.error().detail;
}

Fingerprint fingerprint(const std::string& rules) {
  return load_schema(fund(rules), "fund.toml").value().fingerprint();
}

std::string with(std::string text, std::string_view from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a table's rules are loaded in their order, with name, SQL and message") {
  const auto loaded = load_schema(
      fund(not_overdrawn + "[tables.entry.rules.a_later_one]\nbroken_if = \"SELECT 2\"\n"
                           "message = \"no\"\n"),
      "fund.toml");
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().text());
  const std::vector<Rule>& rules = loaded->tables()[0].rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].name == "not_overdrawn");
  CHECK(rules[0].broken_if == "SELECT 1 FROM entry WHERE id = :id");
  CHECK(rules[0].message == "the fund would be overdrawn");
  CHECK(rules[1].name == "a_later_one");
}

TEST_CASE("a rule without SQL, without a message, with an unknown key: the line is named") {
  CHECK(complaint("[tables.entry.rules.x]\nmessage = \"m\"\n") ==
        "fund.toml:8:1: table 'entry', rule 'x' needs 'broken_if'; write broken_if = \"...\"");
  CHECK(complaint(with(not_overdrawn, "message", "mesage")) ==
        "fund.toml:10:1: unknown key 'mesage' in table 'entry', rule 'not_overdrawn'; did you mean "
        "'message'?");
  CHECK(
      complaint(with(not_overdrawn, "the fund would be overdrawn", "")).find("fund.toml:8:21: ") ==
      0);
  CHECK(complaint(with(not_overdrawn, "the fund would be overdrawn",
                       std::string(limits::rule_message_bytes_max + 1, 'x')))
            .find("1 to 1000 bytes") != std::string::npos);
  CHECK(complaint("[tables.entry.rules.Not_Fit]\nbroken_if = \"SELECT 1\"\nmessage = \"m\"\n")
            .find("is no name") != std::string::npos);
  CHECK(complaint("[tables.entry]\nrules = 3\n").find("fund.toml:") == 0);
}

TEST_CASE("the fingerprint holds a rule's name and SQL, not its message") {
  const Fingerprint plain = fingerprint(not_overdrawn);
  CHECK(fingerprint("") != plain);
  CHECK(fingerprint(with(not_overdrawn, "rules.not_overdrawn", "rules.other")) != plain);
  CHECK(fingerprint(with(not_overdrawn, "SELECT 1", "SELECT 2")) != plain);
  CHECK(fingerprint(with(not_overdrawn, "would be", "is")) == plain);
}
