#include "tests/sim/village.hpp"

#include "schema/loader.hpp"

namespace doorstep::sim {
namespace {

constexpr std::string_view text = R"toml(
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

}  // namespace

const Schema& village() {
  static const Schema schema = load_schema(text, "village.toml").value();
  return schema;
}

Result<Schema> load_village(std::string_view wanted) {
  if (wanted == village().source()) return village();
  return error(ErrorCode::schema_invalid, "not the simulated village");
}

}  // namespace doorstep::sim
