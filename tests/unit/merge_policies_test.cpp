// SEMANTICS B1 and B4 at one cell: what each policy shows of concurrent writes, and what of later
// ones.
#include <doctest/doctest.h>

#include "engine/core/set_value.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
Value number(std::int64_t value) { return Value::integer(value); }
using Losers = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "B1: a write that saw the other one always stands, though its clock is three years behind") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  const Position first = hub.commit(
      {Write('A').seen(start).at(1'576'800).update(household, 'w', {{"phone", text("200")}})});
  hub.commit({Write('B').seen(first).at(1).update(household, 'w', {{"phone", text("300")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("300"));
  CHECK(hub.losers().empty());
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
}

TEST_CASE(
    "B1: the stamp of a write is raised above what it replaced, so a third phone with a true clock "
    "does not undo it") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  const Position ahead = hub.commit(
      {Write('A').seen(start).at(5'000).update(household, 'w', {{"phone", text("200")}})});
  hub.commit({Write('B').seen(ahead).at(10).update(household, 'w', {{"phone", text("300")}})});
  hub.commit({Write('C').seen(ahead).at(4'000).update(household, 'w', {{"phone", text("400")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("300"));
  CHECK(hub.losers() == Losers{"phone: 400 by C"});
}

TEST_CASE(
    "two volunteers change the phone number offline: the later moment is shown and the other is in "
    "the record") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  hub.commit({Write('A').seen(start).at(20).update(household, 'w', {{"phone", text("200")}}),
              Write('B').seen(start).at(10).update(household, 'w', {{"phone", text("300")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  REQUIRE(hub.last().conflicts.size() == 1);
  const Conflict& record = hub.last().conflicts.front();
  CHECK(record.loser.value == text("300"));
  CHECK(record.loser.version.author == phone_of('B'));
  CHECK(record.winner.value == text("200"));
  CHECK(record.winner.version.author == phone_of('A'));
  CHECK(record.scope == ScopeId{"X"});
  CHECK(record.state == ConflictState::automatic);
  CHECK_FALSE(record.order_uncertain);
  CHECK(hub.outcome(0).kind == Outcome::Kind::accepted);
  CHECK(hub.outcome(1).kind == Outcome::Kind::merged);
  CHECK(hub.outcome(1).lost == std::vector<LostCell>{{"household", row('w'), "phone"}});
}

TEST_CASE(
    "two stamps that overlap still give one value, and the record says that the order is "
    "uncertain") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  hub.commit({Write('A').seen(start).at(20, 15).update(household, 'w', {{"phone", text("200")}}),
              Write('B').seen(start).at(10).update(household, 'w', {{"phone", text("300")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  CHECK(hub.last().conflicts.front().order_uncertain);
}

TEST_CASE("equal stamps go by author, whichever arrives first") {
  for (const bool a_first : {true, false}) {
    Township hub;
    const Position start = hub.found_household();
    const IncomingTransaction a =
        Write('A').seen(start).update(household, 'w', {{"phone", text("a")}});
    const IncomingTransaction b =
        Write('B').seen(start).update(household, 'w', {{"phone", text("b")}});
    hub.commit(a_first ? std::vector{a, b} : std::vector{b, a});
    CHECK(hub.shown(household, 'w', "phone") == text("b"));
  }
}

TEST_CASE("two volunteers write the same number offline: no conflict") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(1).update(household, 'w', {{"phone", text("same")}}),
              Write('B').seen(start).at(2).update(household, 'w', {{"phone", text("same")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("same"));
  CHECK(hub.losers().empty());
  CHECK(hub.outcome(1).kind == Outcome::Kind::accepted);
}

TEST_CASE("B1: max: B says 7, A says 9, then A corrects to 3: 7 stands and is no loser any more") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('B').seen(start).update(household, 'w', {{"max", number(7)}})});
  hub.commit({Write('A').seen(start).update(household, 'w', {{"max", number(9)}})});
  CHECK(hub.shown(household, 'w', "max") == number(9));
  CHECK(hub.losers() == Losers{"max: 7 by B"});
  hub.commit({Write('A').seen(start).update(household, 'w', {{"max", number(3)}})});
  CHECK(hub.shown(household, 'w', "max") == number(7));
  CHECK(hub.losers() == Losers{"max: 3 by A"});
}

TEST_CASE("B1: a volunteer's second phone is another author: it replaces nothing of hers unseen") {
  Township hub;
  const Position start = hub.found_household();
  const char phone = 'A';
  const char tablet = 'a';  // of the same volunteer
  hub.commit({Write(phone).seen(start).update(household, 'w', {{"max", number(9)}})});
  hub.commit({Write(tablet).seen(start).update(household, 'w', {{"max", number(3)}})});
  CHECK(hub.shown(household, 'w', "max") == number(9));
  CHECK(hub.losers() == Losers{"max: 3 by a"});
  hub.commit({Write(tablet).seen(hub.head()).update(household, 'w', {{"max", number(3)}})});
  CHECK(hub.shown(household, 'w', "max") == number(3));
  CHECK(hub.losers().empty());
}

TEST_CASE("B1: concat: a follow-up replaces its own author's part only") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('B').seen(start).at(1).update(household, 'w', {{"concat", text("B")}}),
              Write('A').seen(start).at(2).update(household, 'w', {{"concat", text("A1")}})});
  CHECK(hub.shown(household, 'w', "concat") == text("B\nA1"));
  hub.commit({Write('A').seen(start).at(3).update(household, 'w', {{"concat", text("A2")}})});
  CHECK(hub.shown(household, 'w', "concat") == text("B\nA2"));
  CHECK(hub.losers().empty());
  const Position seen = hub.head();
  hub.commit({Write('C').seen(seen).at(4).update(household, 'w', {{"concat", text("whole")}})});
  CHECK(hub.shown(household, 'w', "concat") == text("whole"));
}

TEST_CASE("concat shows one text once, also when two volunteers wrote it") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(1).update(household, 'w', {{"concat", text("ill")}}),
              Write('B').seen(start).at(2).update(household, 'w', {{"concat", text("away")}}),
              Write('C').seen(start).at(3).update(household, 'w', {{"concat", text("ill")}})});
  CHECK(hub.shown(household, 'w', "concat") == text("ill\naway"));
}

TEST_CASE("B1: the holder of a first claim releases it and the other claim stands") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).at(9).update(household, 'w', {{"first", text("Li")}}),
              Write('B').seen(start).at(1).update(household, 'w', {{"first", text("Zhao")}})});
  CHECK(hub.shown(household, 'w', "first") == text("Li"));
  CHECK(hub.outcome(1).kind == Outcome::Kind::merged);
  CHECK(hub.losers() == Losers{"first: Zhao by B"});
  hub.commit({Write('A').seen(start).update(household, 'w', {{"first", Value::null()}})});
  CHECK(hub.shown(household, 'w', "first") == text("Zhao"));
  CHECK(hub.losers().empty());
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
}

TEST_CASE("B1: a correction of an own claim keeps its place in the queue") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).update(household, 'w', {{"first", text("Li")}})});
  hub.commit({Write('B').seen(start).update(household, 'w', {{"first", text("Zhao")}})});
  hub.commit({Write('A').seen(start).update(household, 'w', {{"first", text("Li and Wu")}})});
  CHECK(hub.shown(household, 'w', "first") == text("Li and Wu"));
}

TEST_CASE("B1: a write that saw one of two rivals replaces that one") {
  Township hub;
  const Position start = hub.found_household();
  const Position after_a =
      hub.commit({Write('A').seen(start).update(household, 'w', {{"max", number(9)}})});
  hub.commit({Write('B').seen(start).update(household, 'w', {{"max", number(5)}})});
  hub.commit({Write('C').seen(after_a).update(household, 'w', {{"max", number(4)}})});
  CHECK(hub.shown(household, 'w', "max") == number(5));
  CHECK(hub.losers() == Losers{"max: 4 by C"});
}

TEST_CASE(
    "B1: a conflict closes when a write that saw all replaces them; the loser stays on record") {
  Township hub;
  const Position start = hub.found_household();
  const Position met =
      hub.commit({Write('A').seen(start).at(1).update(household, 'w', {{"phone", text("a")}}),
                  Write('B').seen(start).at(2).update(household, 'w', {{"phone", text("b")}})});
  hub.commit({Write('C').seen(met).at(3).update(household, 'w', {{"phone", text("c")}})});
  const CellState* cell = hub.row(household, 'w').find_cell(column_of(household, "phone"));
  REQUIRE(cell != nullptr);
  CHECK(cell->contributions.size() == 1);
  CHECK(hub.losers() == Losers{"phone: a by A"});
  CHECK(hub.last().conflicts.empty());
}

TEST_CASE("a NULL never beats a value under max and min, and is recorded as the loser") {
  for (const std::string policy : {"max", "min"}) {
    Township hub;
    const Position start = hub.found_household({{policy, number(5)}});
    hub.commit({Write('A').seen(start).at(1).update(household, 'w', {{policy, number(6)}}),
                Write('B').seen(start).at(2).update(household, 'w', {{policy, Value::null()}})});
    CHECK(hub.shown(household, 'w', policy) == number(6));
    CHECK(hub.losers() == Losers{policy + ": NULL by B"});
  }
}

TEST_CASE("B4: counters add whatever their authors had seen, and retry or order does not matter") {
  Township hub;
  const Position start = hub.found_household({{"counter", number(800)}});
  hub.commit({Write('A').seen(start).increment('w', -30), Write('B').increment('w', -5),
              Write('A').seen(start).increment('w', -1)});
  CHECK(hub.shown(household, 'w', "counter") == number(764));
  CHECK(hub.losers().empty());
  CHECK(hub.row(household, 'w').changed(column_of(household, "counter")) == hub.head());
}

TEST_CASE("B4: a counter that was never set counts from zero") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).increment('w', 3)});
  CHECK(hub.shown(household, 'w', "counter") == number(3));
}

TEST_CASE("B4: a remove of a set element takes the adds it has seen and leaves the others") {
  Township hub;
  const Position start = hub.found_household({{"set", format_set({"disabled"})}});
  const Position added = hub.commit({Write('A').seen(start).edit_set('w', {"empty-nest"})});
  hub.commit({Write('B').seen(start).edit_set('w', {"empty-nest"}),
              Write('C').seen(added).edit_set('w', {}, {"disabled", "empty-nest"})});
  CHECK(hub.shown(household, 'w', "set") == format_set({"empty-nest"}));
  hub.commit({Write('B').seen(start).edit_set('w', {}, {"empty-nest"})});
  CHECK(hub.shown(household, 'w', "set").is_null());
}

TEST_CASE("a lone write of one column costs an entry, a write of every column none") {
  Township hub;
  const Position start = hub.commit(
      {Write('S').insert(service, 'm', {{"village_code", text("X")}, {"name", text("wash")}})});
  CHECK(hub.row(service, 'm').cells.empty());
  const Position one =
      hub.commit({Write('A').seen(start).update(service, 'm', {{"name", text("cook")}})});
  CHECK(hub.row(service, 'm').cells.size() == 1);
  hub.commit({Write('B').seen(one).at(800).update(
      service, 'm', {{"name", text("mend")}, {"village_code", text("Y")}})});
  CHECK(hub.row(service, 'm').cells.empty());
  CHECK(hub.row(service, 'm').base.author == phone_of('B'));
  CHECK(hub.row(service, 'm').base.position == hub.head());
}

TEST_CASE(
    "a write of the value already shown does not move the row in the feed, but counts for "
    "causality") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  const Position same =
      hub.commit({Write('A').seen(start).update(household, 'w', {{"phone", text("100")}})});
  CHECK(hub.row(household, 'w').position == start);
  CHECK(hub.row(household, 'w').changed(column_of(household, "phone")) == start);
  const CellState* cell = hub.row(household, 'w').find_cell(column_of(household, "phone"));
  REQUIRE(cell != nullptr);
  CHECK(cell->contributions.front().version.position == same);
  // An author who had not seen A's write is concurrent with it.
  hub.commit({Write('B').seen(start).at(1).update(household, 'w', {{"phone", text("200")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("100"));
  CHECK(hub.row(household, 'w').position == start);
  CHECK(hub.losers() == Losers{"phone: 200 by B"});
}
