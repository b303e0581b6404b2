// SEMANTICS B4, B5: policies ranked, review and hub, and columns that merge as one cell.
#include <doctest/doctest.h>

#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
using Losers = std::vector<std::string>;

Fields claim(std::string_view who, std::int64_t when) {
  return {{"group", text(who)}, {"group_at", Value::integer(when)}};
}

const Conflict& record_of(const Township& hub, std::string_view loser) {
  for (const auto& [id, record] : hub.records()) {
    if (record.loser.value == text(loser)) return record;
  }
  FAIL("no record of " << loser);
  return hub.records().begin()->second;
}

}  // namespace

TEST_CASE("B5: an order that was done does not go back to claimed, not even by one who knew") {
  Township hub;
  const Position start = hub.found_household({{"ranked", text("claimed")}});
  const Position done =
      hub.commit({Write('A').seen(start).update(household, 'w', {{"ranked", text("done")}})});
  hub.commit({Write('B').seen(done).update(household, 'w', {{"ranked", text("claimed")}})});
  CHECK(hub.shown(household, 'w', "ranked") == text("done"));
  CHECK(hub.outcome().kind == Outcome::Kind::merged);
  CHECK(hub.losers() == Losers{"ranked: claimed by B"});
}

TEST_CASE("B5: only a decision takes a state back") {
  Township hub;
  const Position done = hub.found_household({{"ranked", text("done")}});
  IncomingTransaction decided =
      Write('B').seen(done).update(household, 'w', {{"ranked", text("asked")}});
  decided.content.changes.front().cells.front().decision = Decision::decide;
  hub.commit({decided});
  CHECK(hub.shown(household, 'w', "ranked") == text("asked"));
}

TEST_CASE("review: the later number shows, the other waits for a person") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(600).update(household, 'w', {{"review", text("111")}})});
  hub.commit({Write('B').seen(start).at(610).update(household, 'w', {{"review", text("222")}})});
  CHECK(hub.shown(household, 'w', "review") == text("222"));
  CHECK(record_of(hub, "111").state == ConflictState::open);
}

TEST_CASE("B1: a third phone that saw both numbers settles the matter by writing one") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(600).update(household, 'w', {{"review", text("111")}})});
  const Position both = hub.commit(
      {Write('B').seen(start).at(610).update(household, 'w', {{"review", text("222")}})});
  const Position settled =
      hub.commit({Write('C').seen(both).at(620).update(household, 'w', {{"review", text("333")}})});
  CHECK(hub.shown(household, 'w', "review") == text("333"));
  const Conflict& record = record_of(hub, "111");
  CHECK(record.state == ConflictState::decided);
  REQUIRE(record.decision.has_value());
  CHECK(record.decision->author == phone_of('C'));
  CHECK(record.decision->position == settled);
}

TEST_CASE("hub: a phone that writes the verdict all the same is rejected, the township is not") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).update(household, 'w', {{"hub", text("granted")}})});
  CHECK(hub.outcome().kind == Outcome::Kind::rejected);
  CHECK(hub.outcome().reason->code == ErrorCode::hub_column);
  IncomingTransaction own = Write('H').seen(start).update(household, 'w', {{"hub", text("no")}});
  own.by_hub = true;
  hub.commit({own});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(hub.shown(household, 'w', "hub") == text("no"));
}

TEST_CASE("B4: who claimed an order and when are one cell: no order that nobody wrote") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(610).update(household, 'w', claim("Wang", 9))});
  hub.commit({Write('B').seen(start).at(600).update(household, 'w', claim("Li", 8))});
  CHECK(hub.shown(household, 'w', "group") == text("Wang"));
  CHECK(hub.shown(household, 'w', "group_at") == Value::integer(9));
  const Conflict& record = record_of(hub, R"({"group":"Li","group_at":8})");
  CHECK(record.column == column_of(household, "group"));
  CHECK(record.winner.value == text(R"({"group":"Wang","group_at":9})"));
}

TEST_CASE("B4: the holder of a claim gives it up and the other claim stands whole") {
  Township hub;
  const Position start = hub.found_household();
  const Position held =
      hub.commit({Write('A').seen(start).update(household, 'w', claim("Wang", 9))});
  const Position both = hub.commit({Write('B').seen(start).update(household, 'w', claim("Li", 8))});
  const Position left = hub.commit({Write('A').seen(held).update(
      household, 'w', {{"group", Value::null()}, {"group_at", Value::null()}})});
  CHECK(hub.shown(household, 'w', "group") == text("Li"));
  CHECK(hub.shown(household, 'w', "group_at") == Value::integer(8));
  CHECK(hub.losers().empty());
  // Both columns move in the feed, so that a phone which saw the first claim hears of the second.
  CHECK(both < left);
  CHECK(hub.row(household, 'w').changed(column_of(household, "group")) == left);
  CHECK(hub.row(household, 'w').changed(column_of(household, "group_at")) == left);
}

TEST_CASE("a group's tuple is one text that gives every value back") {
  const Table& table = merge_schema().table(household);
  const auto columns = cell_columns(table, column_of(household, "group_at"));
  REQUIRE(columns.size() == 2);
  CHECK(columns.front() == column_of(household, "group"));
  for (const auto& [who, when] : std::vector<std::pair<Value, Value>>{
           {text("say \"hi\"\n{,}"), Value::integer(-9'223'372'036'854'775'807)},
           {Value::null(), Value::integer(0)},
           {text(""), Value::null()},
           {text("独石村"), Value::real(0.1)},
           {text("x"), Value::real(3.0)},
           {text("x"), Value::real(1e300)}}) {
    const std::vector<Value> values{who, when};
    const Value tuple = value_of_cell(table, columns, values);
    CHECK(tuple.kind() == Value::Kind::text);
    CHECK(values_of_cell(table, columns, tuple) == values);
  }
  const std::vector<Value> none(2);
  CHECK(value_of_cell(table, columns, none).is_null());
  const std::vector<Value> typed{text("Li"), Value::integer(8)};
  CHECK(values_of_cell(table, columns, text(R"( { "group_at" : 8, "group" : "Li" } )")) == typed);
  CHECK_FALSE(values_of_cell(table, columns, text("Li")).has_value());
  CHECK_FALSE(values_of_cell(table, columns, text(R"({"name":"Li"})")).has_value());
}

TEST_CASE(
    "a state that went back and the delete of its order come in one commit: when an edit brings "
    "the "
    "order back, the state is on record") {
  Township hub;
  const Position start = hub.found_household({{"ranked", text("done")}});
  hub.commit({Write('A').seen(start).update(household, 'w', {{"ranked", text("asked")}}),
              Write('A').seen(start).remove(household, 'w')});
  CHECK_FALSE(hub.has(household, 'w'));
  hub.commit({Write('B').seen(start).update(household, 'w', {{"phone", text("200")}})});
  CHECK(hub.shown(household, 'w', "ranked") == text("done"));
  CHECK(hub.losers() == Losers{"delete: by A", "ranked: asked by A"});
}

TEST_CASE("a state of a later schema is nothing that this one can rank") {
  const Column& column = merge_schema().table(household).column(column_of(household, "ranked"));
  CHECK(knows_state(column, text("done")));
  CHECK(knows_state(column, Value::null()));
  CHECK_FALSE(knows_state(column, text("audited")));
  const PolicyRules& rules = rules_of(column.policy);
  CHECK(rules.outlasts(column, text("done"), text("asked")));
  CHECK_FALSE(rules.outlasts(column, text("audited"), text("asked")));
}
