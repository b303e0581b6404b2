// SEMANTICS A1 and A3: where rows live, what moves along, departures as the net over one commit.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

/// Household w in X, resident r in it, visit v to r.
Position found_family(Township& hub) {
  hub.found_household();
  return hub.commit(
      {Write('S')
           .insert(resident, 'r', {{"household_id", ref('w')}, {"name", text("Wang")}})
           .insert(visit, 'v', {{"resident_id", ref('r')}})});
}

IncomingTransaction move_to(char author, Position seen, std::string_view village) {
  return Write(author).seen(seen).update(household, 'w', {{"village_code", text(village)}});
}

}  // namespace

TEST_CASE(
    "A1: a household moves with all that hangs on it in one commit, and every row says so at one "
    "position") {
  Township hub;
  const Position start = found_family(hub);
  const Position moved = hub.commit({move_to('A', start, "Y")});
  for (const auto& [table, name] : {std::pair{household, 'w'}, {resident, 'r'}, {visit, 'v'}}) {
    CHECK(hub.row(table, name).scope == ScopeId{"Y"});
    CHECK(hub.row(table, name).since == moved);
    CHECK(hub.row(table, name).position == moved);
  }
  REQUIRE(hub.last().departures.size() == 3);
  CHECK(hub.last().departures[0] == Departure{{household, row('w')}, {"X"}, {"Y"}, moved});
  CHECK(hub.last().departures[2] == Departure{{visit, row('v')}, {"X"}, {"Y"}, moved});
  CHECK(hub.rounds() <= limits::via_depth_max * 2);
}

TEST_CASE("A1: one number orders both villages: a write that saw X:55 has not seen Y:56") {
  Township hub;
  const Position start = found_family(hub);
  const Position moved = hub.commit({move_to('A', start, "Y")});
  hub.commit({Write('B').seen(moved).at(900).update(household, 'w', {{"phone", text("200")}})});
  hub.commit({Write('C').seen(moved).at(800).update(household, 'w', {{"phone", text("300")}})});
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  CHECK(hub.losers() == std::vector<std::string>{"phone: 300 by C"});
}

TEST_CASE(
    "A3: departures are the net over one commit: there and back is none, a new row that moves is "
    "none") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({move_to('A', start, "Y"), move_to('A', start, "X"),
              Write('A').insert(household, 'n', {{"village_code", text("X")}}),
              Write('A').update(household, 'n', {{"village_code", text("Y")}})});
  CHECK(hub.last().departures.empty());
  CHECK(hub.row(household, 'w').scope == ScopeId{"X"});
  CHECK(hub.row(household, 'n').scope == ScopeId{"Y"});
}

TEST_CASE("A3: over two stations in one commit the departure names the last one") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({move_to('A', start, "Y"), move_to('A', start, "Z")});
  REQUIRE(hub.last().departures.size() == 3);
  for (const Departure& one : hub.last().departures) {
    CHECK(one.from == ScopeId{"X"});
    CHECK(one.to == ScopeId{"Z"});
  }
}

TEST_CASE("A3: a row that died stays in the feed in which it died when its household moves") {
  Township hub;
  const Position start = found_family(hub);
  const Position died = hub.commit({Write('A').seen(start).remove(resident, 'r')});
  hub.commit({move_to('A', died, "Y")});
  CHECK(hub.row(resident, 'r').scope == ScopeId{"X"});
  CHECK(hub.row(resident, 'r').position == died);
  CHECK(hub.last().departures.size() == 1);
}

TEST_CASE(
    "A3: a revival elsewhere leaves a departure where the row died, and brings what hangs on it") {
  Township hub;
  const Position start = found_family(hub);
  const Position died = hub.commit({Write('A').seen(start).remove(resident, 'r')});
  hub.commit({move_to('A', died, "Y")});
  const Position back =
      hub.commit({Write('B').seen(start).update(resident, 'r', {{"name", text("Wang Li")}})});
  CHECK(hub.has(resident, 'r'));
  CHECK(hub.row(resident, 'r').scope == ScopeId{"Y"});
  CHECK(hub.row(visit, 'v').scope == ScopeId{"Y"});
  CHECK(hub.row(visit, 'v').since == back);
  REQUIRE(hub.last().departures.size() == 2);
  CHECK(hub.last().departures[0] == Departure{{resident, row('r')}, {"X"}, {"Y"}, back});
}

TEST_CASE("the old worker's visit to a family that moved yesterday lands in the new village") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({move_to('A', start, "Y")});
  hub.commit({Write('B').seen(start).insert(visit, 'u', {{"resident_id", ref('r')}})});
  CHECK(hub.row(visit, 'u').scope == ScopeId{"Y"});
  CHECK(hub.last().departures.empty());
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
}

TEST_CASE("a visit written earlier in the same commit moves along with its household") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('B').seen(start).insert(visit, 'u', {{"resident_id", ref('r')}}),
              move_to('A', start, "Y"),
              Write('C').seen(start).insert(visit, 't', {{"resident_id", ref('r')}})});
  CHECK(hub.row(visit, 'u').scope == ScopeId{"Y"});
  CHECK(hub.row(visit, 't').scope == ScopeId{"Y"});
  CHECK(hub.last().departures.size() == 3);
}

TEST_CASE("a child may stand before its parent in one transaction") {
  Township hub;
  hub.commit({Write('A')
                  .insert(visit, 'v', {{"resident_id", ref('r')}})
                  .insert(resident, 'r', {{"household_id", ref('w')}})
                  .insert(household, 'w', {{"village_code", text("X")}})});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(hub.row(visit, 'v').scope == ScopeId{"X"});
}

TEST_CASE("a resident who joins another household takes her visits with her") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('A')
                  .seen(start)
                  .insert(household, 'q', {{"village_code", text("Y")}})
                  .update(resident, 'r', {{"household_id", ref('q')}})});
  CHECK(hub.row(visit, 'v').scope == ScopeId{"Y"});
  CHECK(hub.row(household, 'w').scope == ScopeId{"X"});
  CHECK(hub.last().departures.size() == 2);
}

TEST_CASE(
    "B6: a visit to a resident whom somebody deleted meanwhile brings the resident back, and her "
    "household") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('A').seen(start).remove(resident, 'r').remove(household, 'w')});
  const Position back =
      hub.commit({Write('B').seen(start).insert(visit, 'u', {{"resident_id", ref('r')}})});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(hub.has(resident, 'r'));
  CHECK(hub.has(household, 'w'));
  CHECK(hub.row(household, 'w').since == back);
  CHECK(hub.has(visit, 'v'));
  CHECK(hub.losers() == std::vector<std::string>{"delete: by A"});
}

TEST_CASE(
    "a resident whom one phone deletes and another edits comes back within one commit, where her "
    "household is") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('A').seen(start).remove(resident, 'r'), move_to('C', start, "Y"),
              Write('B').seen(start).update(resident, 'r', {{"name", text("Wang Li")}})});
  CHECK(hub.has(resident, 'r'));
  CHECK(hub.row(resident, 'r').scope == ScopeId{"Y"});
  CHECK(hub.row(visit, 'v').scope == ScopeId{"Y"});
}

TEST_CASE("B6: an insert under a parent whose delete its author had seen is rejected") {
  Township hub;
  const Position start = found_family(hub);
  const Position died = hub.commit({Write('A').seen(start).remove(resident, 'r')});
  hub.commit({Write('B').seen(died).insert(visit, 'u', {{"resident_id", ref('r')}})});
  CHECK(hub.outcome().kind == Outcome::Kind::rejected);
  CHECK(hub.outcome().reason->code == ErrorCode::parent_dead);
  CHECK_FALSE(hub.has(visit, 'u'));
}

TEST_CASE(
    "B6: delete_wins: a request for a service whose delete its author had not seen goes with it, "
    "as "
    "does a change of one that went with it: both are recorded") {
  Township hub;
  const Position start = hub.commit({Write('S')
                                         .insert(service, 'm', {{"village_code", text("X")}})
                                         .insert(request, 'o', {{"service_id", ref('m')}})});
  hub.commit({Write('A').seen(start).remove(request, 'o').remove(service, 'm')});
  hub.commit({Write('B').seen(start).insert(request, 'p', {{"service_id", ref('m')}}),
              Write('B').seen(start).update(request, 'o', {{"name", text("soon")}})});
  CHECK(hub.outcome(0).kind == Outcome::Kind::merged);
  CHECK_FALSE(hub.has(request, 'p'));
  CHECK(hub.outcome(1).kind == Outcome::Kind::merged);
  CHECK_FALSE(hub.has(request, 'o'));
  const std::vector<std::string> losers = hub.losers();
  REQUIRE(losers.size() == 2);
  CHECK(losers[0] == "name: soon by B");
  CHECK(losers[1].starts_with("service_id: "));
}

TEST_CASE("a row of the organisation tree lives in the scope that its key names") {
  Township hub;
  hub.commit({Write('A').insert(org_unit, 'k', {{"name", text("Dushi")}})});
  CHECK(hub.row(org_unit, 'k').scope.code == std::string(row('k').text()));
}
