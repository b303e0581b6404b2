#include "engine/core/schema_difference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/core/schema_history.hpp"
#include "schema/loader.hpp"

using namespace doorstep;

namespace {

using Kind = SchemaDifference::Addition::Kind;
using Addition = SchemaDifference::Addition;

const std::string form_v3 = R"(
name = "village"
version = 3
[tree]
table = "org_unit"
parent = "parent_code"
[tables.org_unit]
key = "code"
key_type = "text"
scope = "key"
[tables.org_unit.columns]
name = "text"
parent_code = { type = "text", references = "org_unit" }
[tables.household]
scope = "village_code"
[tables.household.columns]
village_code = { type = "text", required = true, references = "org_unit" }
phone = "text"
state = { type = "text", policy = "ranked", states = ["asked", "done"] }
claimed_by = { type = "text", policy = "first", group = "claim" }
claimed_at = { type = "timestamp", policy = "first", group = "claim" }
[tables.visit]
via = "household_id"
append_only = true
[tables.visit.columns]
household_id = { type = "uuid", references = "household" }
findings = "text"
[roles.volunteer]
household = "write"
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Schema schema_of(const std::string& text) {
  auto schema = load_schema(text, "form.toml");
  REQUIRE_MESSAGE(schema.ok(), (schema.ok() ? "" : schema.error().text()));
  return std::move(schema).value();
}

/// v3 against v4 with one edit of the form.
SchemaDifference after(const std::string& from, const std::string& to) {
  const std::string v4 = with(form_v3, "version = 3", "version = 4");
  return difference_of(schema_of(form_v3), schema_of(with(v4, from, to)));
}

/// The first of so many reasons; it must hold every word given.
void refuses(const SchemaDifference& difference, const std::vector<std::string>& words,
             std::size_t reasons = 1) {
  REQUIRE(difference.refused.size() == reasons);
  CAPTURE(difference.refused.front());
  for (const std::string& word : words) {
    CHECK_MESSAGE(difference.refused.front().find(word) != std::string::npos, word);
  }
}

}  // namespace

TEST_CASE("a newer form adds a table, columns, states anywhere in the order, a role") {
  std::string v4 = with(form_v3, "version = 3", "version = 4");
  v4 = with(v4, "[\"asked\", \"done\"]", "[\"asked\", \"on the way\", \"done\", \"rated\"]");
  v4 = with(v4, "findings = \"text\"\n", "findings = \"text\"\nmood = \"text\"\n");
  v4 += "[roles.doctor]\nhousehold = \"read\"\nvisit = \"write\"\n";
  v4 = with(v4, "[roles.volunteer]\n",
            "[tables.pair]\nvia = \"household_id\"\n[tables.pair.columns]\n"
            "household_id = { type = \"uuid\", references = \"household\" }\n"
            "minutes = { type = \"integer\", policy = \"counter\" }\n[roles.volunteer]\n");
  const SchemaDifference difference = difference_of(schema_of(form_v3), schema_of(v4));
  CHECK(difference.is_additive());
  CHECK(difference.added == std::vector<Addition>{{Kind::state, "household", "state: on the way"},
                                                  {Kind::state, "household", "state: rated"},
                                                  {Kind::column, "visit", "mood"},
                                                  {Kind::table, "pair", ""},
                                                  {Kind::role, "", "doctor"}});
  CHECK(difference.columns ==
        std::vector<NewColumn>{{"pair", "household_id"}, {"pair", "minutes"}, {"visit", "mood"}});
  CHECK(difference_of(schema_of(form_v3), schema_of(form_v3)).is_empty());
}

TEST_CASE("what a phone on the older form could not live with is refused with table and column") {
  refuses(after("phone = \"text\"\n", ""), {"'household'", "'phone'", "gone", "to rename"});
  refuses(after("phone = \"text\"", "phone = \"integer\""),
          {"'household'", "'phone'", "type", "'text'", "'integer'", "new column"});
  refuses(after("phone = \"text\"", "phone = { type = \"text\", policy = \"first\" }"),
          {"'phone'", "policy", "'latest'", "'first'"});
  refuses(after("phone = \"text\"", "phone = { type = \"text\", required = true }"),
          {"'phone'", "required"});
  refuses(after("phone = \"text\"", "phone = { type = \"text\", references = \"org_unit\" }"),
          {"'phone'", "references", "'org_unit'"});
  refuses(after("[\"asked\", \"done\"]", "[\"done\", \"asked\"]"), {"'state'", "'done'", "order"});
  refuses(after("findings = \"text\"",
                "findings = \"text\"\nage = { type = \"integer\", required = "
                "true }"),
          {"'visit'", "'age'", "required"});
  refuses(after("phone = \"text\"", "fax = \"text\"\nphone = \"text\""),
          {"'phone'", "new columns", "after"});
  refuses(after("claimed_at = { type = \"timestamp\", policy = \"first\", group = \"claim\" }",
                "claimed_at = { type = \"timestamp\", policy = \"first\", group = \"claim\" }\n"
                "claimed_for = { type = \"text\", policy = \"first\", group = \"claim\" }"),
          {"'claimed_for'", "'claim'"});
  refuses(after("[tables.visit]\n",
                "[tables.pair]\nscope = \"village_code\"\n[tables.pair.columns]\nvillage_code = "
                "\"text\"\n[tables.visit]\n"),
          {"'visit'", "new tables", "after"});
  refuses(after("phone = \"text\"\nstate = { type = \"text\", policy = \"ranked\", states = "
                "[\"asked\", \"done\"] }\n",
                "state = { type = \"text\", policy = \"ranked\", states = [\"asked\", \"done\"] "
                "}\nphone = \"text\"\n"),
          {"'household'", "'state'", "order"});
  refuses(after("append_only = true\n", ""), {"'visit'", "append_only"});
  refuses(after("via = \"household_id\"", "via = \"household_id\"\non_delete = \"delete_wins\""),
          {"'visit'", "on_delete"});
  refuses(after("[tree]\ntable = \"org_unit\"\nparent = \"parent_code\"\n", ""),
          {"scope tree", "keep it"});
  refuses(after("claimed_by = { type = \"text\", policy = \"first\", group = \"claim\" }\n"
                "claimed_at = { type = \"timestamp\", policy = \"first\", group = \"claim\" }",
                "claimed_by = { type = \"text\", policy = \"first\" }\n"
                "claimed_at = { type = \"timestamp\", policy = \"first\" }"),
          {"'claim'"}, 2);
  refuses(after("[roles.volunteer]", "[roles.helper]"), {"'volunteer'", "gone"});
  refuses(after("name = \"village\"", "name = \"town\""), {"name", "'village'", "'town'"});
}

TEST_CASE("a rule that is left out is told, and stops nobody") {
  const std::string rule =
      "[tables.household.rules.has_phone]\nbroken_if = \"SELECT 1\"\nmessage = \"no phone\"\n";
  const std::string old_form = with(form_v3, "[tables.visit]\n", rule + "[tables.visit]\n");
  const std::string new_form = with(form_v3, "version = 3", "version = 4");
  const SchemaDifference difference = difference_of(schema_of(old_form), schema_of(new_form));
  CHECK(difference.refused.empty());
  const auto told =
      std::find_if(difference.added.begin(), difference.added.end(), [](const Addition& one) {
        return one.table == "household" && one.name == "rule has_phone no longer holds";
      });
  CHECK(told != difference.added.end());
}

TEST_CASE("a table that is gone, another key and another scope are each told at once") {
  std::string v4 = with(form_v3, "version = 3", "version = 4");
  const std::size_t visit = v4.find("[tables.visit]");
  v4.erase(visit, v4.find("[roles") - visit);
  v4 = with(v4, "scope = \"village_code\"", "key = \"number\"\nscope = \"phone\"");
  const SchemaDifference difference = difference_of(schema_of(form_v3), schema_of(v4));
  REQUIRE(difference.refused.size() == 3);
  CHECK(difference.refused[0].find("table 'visit' is gone") != std::string::npos);
  CHECK(difference.refused[1].find("table 'household': the key") != std::string::npos);
  CHECK(difference.refused[2].find("table 'household': the scope") != std::string::npos);
}

TEST_CASE("a form that grew must say a higher version, and one that lost its duty may be blank") {
  const std::string grown =
      with(form_v3, "findings = \"text\"", "findings = \"text\"\nmood = \"text\"");
  refuses(difference_of(schema_of(form_v3), schema_of(grown)), {"version 3", "raise"});
  const SchemaDifference relaxed = after("required = true, references", "references");
  CHECK(relaxed.is_additive());
  CHECK(relaxed.added ==
        std::vector<Addition>{{Kind::change, "household", "village_code is no longer required"}});
}

TEST_CASE("a hub knows what each older form shows, and takes a form it never had for a newer one") {
  const std::string text = form_v3 + "org_unit = \"read\"\nvisit = \"write\"\n";
  const Schema v3 = schema_of(text);
  const Schema v4 = schema_of(with(with(text, "version = 3", "version = 4"), "findings = \"text\"",
                                   "findings = \"text\"\nmood = \"text\""));
  const SchemaHistory history({{v3, Position{}, Instant{1}}, {v4, Position{7}, Instant{2}}});
  const TableId visit = *v4.find_table("visit");
  CHECK(history.newest().fingerprint() == v4.fingerprint());
  const SchemaView& old = history.view_of(v3.fingerprint(), "volunteer");
  CHECK_FALSE(old.is_whole());
  CHECK(old.shows(visit, *v4.table(visit).find_column("findings")));
  CHECK_FALSE(old.shows(visit, *v4.table(visit).find_column("mood")));
  CHECK(history.view_of(v4.fingerprint(), "volunteer").is_whole());
  CHECK(history.find(Fingerprint{}) == nullptr);
  CHECK(history.view_of(Fingerprint{}, "volunteer").is_whole());
}
