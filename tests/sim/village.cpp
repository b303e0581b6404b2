#include "tests/sim/village.hpp"

#include <array>

#include "engine/core/assert.hpp"
#include "schema/loader.hpp"

namespace doorstep::sim {
namespace {

constexpr std::string_view first_text = R"toml(
name = "simulated_village"
version = 1

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
village_code = { type = "text", required = true }
head = "text"
phone = "text"
visited = { type = "integer", policy = "max" }
oldest = { type = "integer", policy = "min" }
remarks = { type = "text", policy = "concat" }
labels = { type = "text", policy = "set" }
boxes = { type = "integer", policy = "counter" }
claimed_by = { type = "text", policy = "first", group = "claim" }
claimed_at = { type = "integer", policy = "first", group = "claim" }
state = { type = "text", policy = "ranked", states = ["asked", "seen", "voted", "paid"] }
deceased = { type = "text", policy = "review" }

[tables.household.match]
same_phone = { equal = ["phone"], score = 90 }

[tables.resident]
via = "household_id"
[tables.resident.columns]
household_id = { type = "uuid", required = true, references = "household" }
name = "text"
pressure = { type = "integer", policy = "max" }
labels = { type = "text", policy = "set" }

[tables.visit]
via = "household_id"
append_only = true
[tables.visit.columns]
household_id = { type = "uuid", required = true, references = "household" }
findings = "text"

[tables.loan]
via = "household_id"
on_delete = "delete_wins"
[tables.loan.columns]
household_id = { type = "uuid", required = true, references = "household" }
item = "text"
note = { type = "text", policy = "concat" }

[tables.supply]
scope = "village_code"
[tables.supply.columns]
village_code = { type = "text", required = true }
name = "text"
stock = { type = "integer", policy = "counter" }
given = { type = "integer", policy = "counter" }

[tables.fund_entry]
scope = "village_code"
append_only = true
[tables.fund_entry.columns]
village_code = { type = "text", required = true }
amount_fen = { type = "integer", required = true }
[tables.fund_entry.rules.not_overdrawn]
broken_if = """
SELECT new.village_code, sum(every.amount_fen) AS balance_fen
FROM fund_entry AS new JOIN fund_entry AS every ON every.village_code = new.village_code
WHERE new.id = :id AND new.amount_fen < 0
GROUP BY new.village_code HAVING balance_fen < 0"""
message = "the fund would be overdrawn"

[roles.volunteer]
org_unit = "write"
household = "write"
resident = "write"
visit = "write"
loan = "write"
supply = "write"
fund_entry = "write"
)toml";

constexpr std::string_view second_tables = R"toml(
[tables.pair]
via = "household_id"
[tables.pair.columns]
household_id = { type = "uuid", required = true, references = "household" }
tutor = "text"
hours = { type = "integer", policy = "counter" }
)toml";

constexpr std::string_view third_tables = R"toml(
[tables.pair.rules.not_too_many_hours]
broken_if = "SELECT hours FROM pair WHERE id = :id AND hours > 60"
message = "a tutor has other things to do too"

[tables.outing]
scope = "village_code"
[tables.outing.columns]
village_code = { type = "text", required = true }
title = "text"
seats = { type = "integer", policy = "counter" }
)toml";

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  DS_ASSERT(at != std::string::npos);
  text.replace(at, from.size(), to);
}

void append_after(std::string& text, std::string_view line, const std::string& more) {
  replace(text, line, std::string(line) + more);
}

std::string text_of(std::uint32_t version) {
  std::string text(first_text);
  replace(text, "version = 1", "version = " + std::to_string(version));
  if (version < 2) return text;
  append_after(text, "deceased = { type = \"text\", policy = \"review\" }\n",
               "mood = \"text\"\n"
               "meals = { type = \"integer\", policy = \"counter\" }\n"
               "helper = { type = \"text\", policy = \"first\", group = \"help\" }\n"
               "helper_since = { type = \"integer\", policy = \"first\", group = \"help\" }\n");
  replace(
      text, "\n\n[tables.visit]",
      "\nhobby = \"text\"\nallergies = { type = \"text\", policy = \"set\" }\n\n[tables.visit]");
  append_after(text, "findings = \"text\"\n", "mood = \"text\"\n");
  replace(text, "\n[roles.volunteer]\n",
          std::string(second_tables) + "\n[roles.volunteer]\npair = \"write\"\n");
  if (version < 3) return text;
  replace(text, "\"voted\", \"paid\"", "\"voted\", \"appealed\", \"paid\"");
  append_after(text,
               "helper_since = { type = \"integer\", policy = \"first\", group = \"help\" }\n",
               "fears = { type = \"text\", policy = \"review\" }\n");
  append_after(text, "hours = { type = \"integer\", policy = \"counter\" }\n",
               "note = { type = \"text\", policy = \"concat\" }\n");
  replace(text, "\n[roles.volunteer]\n",
          std::string(third_tables) + "\n[roles.volunteer]\nouting = \"write\"\n");
  return text;
}

}  // namespace

const Schema& village(std::uint32_t version) {
  static const std::array<Schema, village_versions> all = [] {
    std::array<Schema, village_versions> made;
    for (std::uint32_t i = 0; i < village_versions; ++i)
      made[i] = load_schema(text_of(i + 1), "village.toml").value();
    return made;
  }();
  return all.at(version - 1);
}

const Schema& village() { return village(village_versions); }

const SchemaView& view_of(std::uint32_t version, std::uint32_t known) {
  static const auto all = [] {
    std::array<std::array<SchemaView, village_versions>, village_versions> made;
    for (std::uint32_t i = 0; i < village_versions; ++i) {
      for (std::uint32_t k = 0; k < village_versions; ++k)
        made[i][k] = SchemaView::of(village(i + 1), village(k + 1));
    }
    return made;
  }();
  return all.at(version - 1).at(known - 1);
}

Result<Schema> load_village(std::string_view wanted) {
  for (std::uint32_t version = 1; version <= village_versions; ++version) {
    if (wanted == village(version).source()) return village(version);
  }
  return error(ErrorCode::schema_invalid, "not the simulated village");
}

}  // namespace doorstep::sim
