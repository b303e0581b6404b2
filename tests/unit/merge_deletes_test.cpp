// SEMANTICS A3, B3 and B6: deletes that meet edits, revivals, inserts that meet rows.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/core/set_value.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
using Losers = std::vector<std::string>;

const Conflict& only_record(const Township& hub) {
  REQUIRE(hub.last().conflicts.size() == 1);
  return hub.last().conflicts.front();
}

}  // namespace

TEST_CASE(
    "B6: a delete takes what it has seen: the row becomes a tombstone that keeps its last values") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  const Position dead = hub.commit({Write('A').seen(start).remove(household, 'w')});
  const StoredRow& stored = hub.row(household, 'w');
  CHECK_FALSE(stored.live);
  CHECK(stored.position == dead);
  CHECK(stored.since == start);
  CHECK(stored.death->author == phone_of('A'));
  CHECK(stored.scope == ScopeId{"X"});
  CHECK(hub.shown(household, 'w', "phone") == text("100"));
  CHECK(hub.losers().empty());
}

TEST_CASE("B6: a delete that had not seen an edit loses: the row stays, a person decides") {
  Township hub;
  const Position start = hub.found_household();
  const Position edited =
      hub.commit({Write('B').seen(start).update(household, 'w', {{"phone", text("200")}})});
  hub.commit({Write('A').seen(start).remove(household, 'w')});
  CHECK(hub.has(household, 'w'));
  CHECK(hub.row(household, 'w').position == edited);
  CHECK(only_record(hub).state == ConflictState::open);
  CHECK_FALSE(only_record(hub).column.has_value());
  CHECK(only_record(hub).winner.value == text("200"));
  CHECK(hub.outcome().kind == Outcome::Kind::merged);
  CHECK(hub.outcome().lost == std::vector<LostCell>{{"household", row('w'), ""}});
}

TEST_CASE("B6: counters and sets keep marks for deletes to read") {
  for (const bool counter : {true, false}) {
    Township hub;
    const Position start = hub.found_household();
    hub.commit({counter ? IncomingTransaction(Write('B').seen(start).increment('w', 2))
                        : IncomingTransaction(Write('B').seen(start).edit_set('w', {"x"}))});
    hub.commit({Write('A').seen(start).remove(household, 'w')});
    CHECK(hub.has(household, 'w'));
    CHECK(hub.losers() == Losers{"delete: by A"});
  }
}

TEST_CASE("B6: an own edit that the phone had not yet seen confirmed does not keep the row") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).update(household, 'w', {{"phone", text("200")}}),
              Write('A').seen(start).remove(household, 'w')});
  CHECK_FALSE(hub.has(household, 'w'));
}

TEST_CASE(
    "B2: a delete that carries an older observed for one cell is overruled by what came under it") {
  Township hub;
  const Position start = hub.found_household();
  const Position pulled =
      hub.commit({Write('B').seen(start).update(household, 'w', {{"phone", text("200")}})});
  hub.commit({Write('A').seen(pulled).remove(household, 'w').having_seen("phone", start)});
  CHECK(hub.has(household, 'w'));
  CHECK(hub.losers() == Losers{"delete: by A"});
}

TEST_CASE("B6: delete_wins: the row dies and what the delete had not seen is recorded") {
  Township hub;
  const Position start = hub.commit(
      {Write('S').insert(service, 'm', {{"village_code", text("X")}, {"name", text("wash")}})});
  hub.commit({Write('B').seen(start).update(service, 'm', {{"name", text("cook")}})});
  hub.commit({Write('A').seen(start).remove(service, 'm')});
  CHECK_FALSE(hub.has(service, 'm'));
  CHECK(hub.losers() == Losers{"name: cook by B"});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(only_record(hub).winner.version.author == phone_of('A'));
}

TEST_CASE(
    "A3: an edit that had not seen the delete revives the row whole: since moves, so that every "
    "device gets all of it") {
  Township hub;
  const Position start = hub.found_household({{"latest", text("old")}});
  const Position dead = hub.commit({Write('B').seen(start).remove(household, 'w')});
  const Position back =
      hub.commit({Write('A').seen(start).update(household, 'w', {{"phone", text("200")}})});
  CHECK(dead < back);
  CHECK(hub.has(household, 'w'));
  CHECK(hub.row(household, 'w').since == back);
  CHECK(hub.row(household, 'w').position == back);
  CHECK_FALSE(hub.row(household, 'w').death.has_value());
  CHECK(hub.shown(household, 'w', "latest") == text("old"));
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  CHECK(hub.losers() == Losers{"delete: by B"});
  CHECK(only_record(hub).state == ConflictState::open);
}

TEST_CASE("B6: delete_wins: an edit that had not seen the delete is lost and recorded") {
  Township hub;
  const Position start =
      hub.commit({Write('S').insert(service, 'm', {{"village_code", text("X")}})});
  hub.commit({Write('B').seen(start).remove(service, 'm')});
  hub.commit({Write('A').seen(start).update(service, 'm', {{"name", text("cook")}})});
  CHECK_FALSE(hub.has(service, 'm'));
  CHECK(hub.losers() == Losers{"name: cook by A"});
  CHECK(hub.outcome().lost == std::vector<LostCell>{{"service", row('m'), "name"}});
}

TEST_CASE("B6: an update of a row whose delete its author had seen does not wake it") {
  Township hub;
  const Position start = hub.found_household();
  const Position dead = hub.commit({Write('B').seen(start).remove(household, 'w')});
  hub.commit({Write('A').seen(dead).update(household, 'w', {{"phone", text("200")}})});
  CHECK_FALSE(hub.has(household, 'w'));
  CHECK(hub.losers() == Losers{"phone: 200 by A"});
}

TEST_CASE("B6: an insert after a seen delete writes every column, NULLs too") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}, {"latest", text("old")}});
  const Position dead = hub.commit({Write('B').seen(start).remove(household, 'w')});
  const Position anew = hub.commit({Write('A').seen(dead).insert(
      household, 'w', {{"village_code", text("X")}, {"latest", text("new")}})});
  CHECK(hub.has(household, 'w'));
  CHECK(hub.row(household, 'w').since == anew);
  CHECK(hub.shown(household, 'w', "phone").is_null());
  CHECK(hub.shown(household, 'w', "latest") == text("new"));
  CHECK(hub.row(household, 'w').cells.empty());
  CHECK(hub.losers().empty());
}

TEST_CASE(
    "an insert that meets a live row from another scope is a rival in every column that it "
    "carries") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  hub.commit({Write('A').seen(start).at(900).insert(
      household, 'w',
      {{"village_code", text("Y")}, {"phone", text("200")}, {"latest", text("new")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  CHECK(hub.shown(household, 'w', "latest") == text("new"));
  CHECK(hub.losers() == Losers{"phone: 100 by S", "village_code: X by S"});
}

TEST_CASE(
    "B3: a column that the author could not see counts as observed 0, so an old app erases no "
    "answer") {
  Township hub;
  const Position start = hub.found_household();
  const Position answered = hub.commit(
      {Write('B').seen(start).at(900).update(household, 'w', {{"latest", text("answer")}})});
  hub.commit({Write('A')
                  .seen(answered)
                  .at(800)
                  .update(household, 'w', {{"latest", text("first write")}})
                  .having_seen("latest", Position{})});
  CHECK(hub.shown(household, 'w', "latest") == text("answer"));
  CHECK(hub.losers() == Losers{"latest: first write by A"});
}

namespace {

/// Of a form that does not have this column of household yet.
SchemaView without(std::string_view column) {
  Schema::Parts parts;
  parts.name = merge_schema().name();
  parts.tables = merge_schema().tables();
  parts.tree = merge_schema().tree();
  Column& later = parts.tables[household.index].columns[column_of(household, column).index];
  later.name = "something_else";
  return SchemaView::of(merge_schema(), Schema::make(std::move(parts)).value());
}

}  // namespace

TEST_CASE(
    "B3: a transaction names its view: what it writes outside of it has seen nothing, what is "
    "inside "
    "has") {
  const SchemaView view = without("latest");
  Township hub;
  const Position start = hub.found_household();
  const Position answered = hub.commit({Write('B').seen(start).at(900).update(
      household, 'w', {{"phone", text("200")}, {"latest", text("answer")}})});
  IncomingTransaction write = Write('A').seen(answered).at(800).update(
      household, 'w', {{"phone", text("100")}, {"latest", text("first write")}});
  write.view = &view;
  hub.commit({write});
  CHECK(hub.shown(household, 'w', "phone") == text("100"));
  CHECK(hub.shown(household, 'w', "latest") == text("answer"));
  CHECK(hub.losers() == Losers{"latest: first write by A"});
}

TEST_CASE(
    "B3: an answer that an old form's delete took has lost nothing when an edit brings the row "
    "back, in the same commit or later") {
  const SchemaView view = without("latest");
  Township hub;
  const Position start = hub.found_household();
  const Position answered = hub.commit(
      {Write('B').seen(start).at(10).update(household, 'w', {{"latest", text("answer")}})});
  IncomingTransaction remove = Write('A').seen(answered).at(20).remove(household, 'w');
  remove.view = &view;
  SUBCASE("the delete alone: the answer is on record") {
    hub.commit({remove});
    CHECK_FALSE(hub.has(household, 'w'));
    CHECK(records_in_words(hub) == "latest: answer by B, auto");
  }
  SUBCASE("and an edit that had not seen it") {
    hub.commit(
        {remove, Write('C').seen(start).at(30).update(household, 'w', {{"phone", text("300")}})});
    CHECK(hub.shown(household, 'w', "latest") == text("answer"));
    CHECK(hub.shown(household, 'w', "phone") == text("300"));
    CHECK(records_in_words(hub) == "delete by A, open");
  }
  SUBCASE("or in a later one") {
    hub.commit({remove});
    hub.commit({Write('C').seen(start).at(30).update(household, 'w', {{"phone", text("300")}})});
    CHECK(hub.shown(household, 'w', "latest") == text("answer"));
    CHECK(hub.shown(household, 'w', "phone") == text("300"));
    CHECK(records_in_words(hub) == "delete by A, open");
  }
}

TEST_CASE(
    "B3: an answer that an old form's delete took is on record as lost to the other answer that "
    "brings the row back") {
  const SchemaView view = without("latest");
  Township hub;
  const Position start = hub.found_household();
  const Position answered = hub.commit(
      {Write('B').seen(start).at(10).update(household, 'w', {{"latest", text("lonely")}})});
  IncomingTransaction remove = Write('A').seen(answered).at(20).remove(household, 'w');
  remove.view = &view;
  const IncomingTransaction other =
      Write('C').seen(start).at(30).update(household, 'w', {{"latest", text("well")}});
  SUBCASE("in the same commit") { hub.commit({remove, other}); }
  SUBCASE("or in a later one") {
    hub.commit({remove});
    hub.commit({other});
  }
  CHECK(hub.shown(household, 'w', "latest") == text("well"));
  CHECK(records_in_words(hub) == "delete by A, open; latest: lonely by B, auto");
}

TEST_CASE(
    "B3: a count that an old form's delete took is whole when an edit brings the row back, in the "
    "same commit or later") {
  const SchemaView view = without("counter");
  Township hub;
  const Position start = hub.found_household();
  const Position counted = hub.commit({Write('B').seen(start).at(10).increment('w', 3)});
  IncomingTransaction remove = Write('A').seen(counted).at(20).remove(household, 'w');
  remove.view = &view;
  const IncomingTransaction edit =
      Write('C').seen(start).at(30).update(household, 'w', {{"phone", text("300")}});
  SUBCASE("in the same commit") { hub.commit({remove, edit}); }
  SUBCASE("or in a later one") {
    hub.commit({remove});
    CHECK(records_in_words(hub) == "counter: 3 by B, auto");
    hub.commit({edit});
  }
  CHECK(hub.shown(household, 'w', "counter") == Value::integer(3));
  CHECK(records_in_words(hub) == "delete by A, open");
}

TEST_CASE("B3: a form opened at 10 and saved after 20 came in keeps what it had not shown") {
  Township hub;
  const Position opened = hub.found_household({{"phone", text("old")}});
  const Position live =
      hub.commit({Write('B').seen(opened).at(900).update(household, 'w', {{"phone", text("x")}})});
  hub.commit({Write('A')
                  .seen(live)
                  .at(800)
                  .update(household, 'w', {{"phone", text("old")}})
                  .having_seen("phone", opened)});
  CHECK(hub.shown(household, 'w', "phone") == text("x"));
  CHECK(hub.losers() == Losers{"phone: old by A"});
}

TEST_CASE("a delete of a row that is dead or unknown changes nothing and is accepted") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).remove(household, 'w')});
  hub.commit({Write('B').seen(start).remove(household, 'w').remove(household, 'u')});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(hub.last().rows.empty());
  CHECK(hub.row(household, 'w').death->author == phone_of('A'));
}
