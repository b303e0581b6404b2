// SEMANTICS B6: a row and what hangs on it die and come back together.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
using Losers = std::vector<std::string>;

/// Household w, residents r and q, and a visit v to r.
Position found_family(Township& hub) {
  hub.found_household();
  return hub.commit(
      {Write('S')
           .insert(resident, 'r', {{"household_id", ref('w')}, {"name", text("Wang")}})
           .insert(resident, 'q', {{"household_id", ref('w')}, {"name", text("Wang Yi")}})
           .insert(visit, 'v', {{"resident_id", ref('r')}})});
}

Write delete_family(char author, Position seen) {
  return Write(author)
      .seen(seen)
      .remove(household, 'w')
      .remove(resident, 'r')
      .remove(resident, 'q')
      .remove(visit, 'v');
}

void check_family(const Township& hub, bool lives) {
  CHECK(hub.has(household, 'w') == lives);
  CHECK(hub.has(resident, 'r') == lives);
  CHECK(hub.has(resident, 'q') == lives);
  CHECK(hub.has(visit, 'v') == lives);
}

}  // namespace

TEST_CASE("B6: a household is deleted with all that hangs on it, visits too") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({delete_family('A', start)});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  check_family(hub, false);
  CHECK(hub.row(household, 'w').taken_along.size() == 3);
  CHECK(hub.losers().empty());
}

TEST_CASE(
    "B2: a family is deleted whose resident was seen as of an older copy: a visit since then keeps "
    "all") {
  Township hub;
  const Position start = found_family(hub);
  const Position visited =
      hub.commit({Write('B').seen(start).insert(visit, 'n', {{"resident_id", ref('r')}})});
  IncomingTransaction remove = delete_family('A', visited);
  remove.content.changes[1].observed = start;
  hub.commit({remove});
  check_family(hub, true);
  CHECK(hub.has(visit, 'n'));
  CHECK(hub.losers() == Losers{"delete: by A"});
}

TEST_CASE("B6: an edit of one resident keeps the whole family, whichever comes first") {
  for (const bool delete_first : {true, false}) {
    Township hub;
    const Position start = found_family(hub);
    std::vector<IncomingTransaction> both{
        delete_family('A', start),
        Write('B').seen(start).update(resident, 'r', {{"name", text("Wang Wei")}})};
    if (!delete_first) std::swap(both[0], both[1]);
    for (const IncomingTransaction& one : both) hub.commit({one});
    check_family(hub, true);
    CHECK(hub.shown(resident, 'r', "name") == text("Wang Wei"));
    CHECK(hub.losers() == Losers{"delete: by A"});
  }
}

TEST_CASE("B6: a new visit that the delete had not seen keeps the whole family, in either order") {
  for (const bool delete_first : {true, false}) {
    Township hub;
    const Position start = found_family(hub);
    std::vector<IncomingTransaction> both{
        delete_family('A', start),
        Write('B').seen(start).insert(visit, 'n', {{"resident_id", ref('r')}})};
    if (!delete_first) std::swap(both[0], both[1]);
    for (const IncomingTransaction& one : both) hub.commit({one});
    check_family(hub, true);
    CHECK(hub.has(visit, 'n'));
    CHECK(hub.losers() == Losers{"delete: by A"});
  }
}

TEST_CASE("B6: a sibling that was deleted on its own stays gone when the family comes back") {
  Township hub;
  const Position start = found_family(hub);
  const Position alone = hub.commit({Write('A').seen(start).remove(resident, 'q')});
  hub.commit(
      {Write('A').seen(alone).remove(household, 'w').remove(resident, 'r').remove(visit, 'v')});
  hub.commit({Write('B').seen(alone).update(resident, 'r', {{"name", text("Wang Wei")}})});
  CHECK(hub.has(household, 'w'));
  CHECK(hub.has(visit, 'v'));
  CHECK_FALSE(hub.has(resident, 'q'));
}

TEST_CASE("B6: a resident deleted alone brings back the household that somebody else deleted") {
  Township hub;
  const Position start = found_family(hub);
  const Position alone =
      hub.commit({Write('A').seen(start).remove(resident, 'r').remove(visit, 'v')});
  hub.commit({Write('C').seen(alone).remove(household, 'w').remove(resident, 'q')});
  hub.commit({Write('B').seen(start).update(resident, 'r', {{"name", text("Wang Wei")}})});
  check_family(hub, true);
  CHECK(hub.losers() == Losers{"delete: by A", "delete: by C"});
}

TEST_CASE("B6: a child that moved to another household meanwhile does not die with the old one") {
  Township hub;
  const Position start = found_family(hub);
  const Position other =
      hub.commit({Write('S').insert(household, 'u', {{"village_code", text("X")}})});
  hub.commit({Write('B').seen(other).update(resident, 'r', {{"household_id", ref('u')}})});
  hub.commit({delete_family('A', start)});
  CHECK_FALSE(hub.has(household, 'w'));
  CHECK_FALSE(hub.has(resident, 'q'));
  CHECK(hub.has(resident, 'r'));
  CHECK(hub.losers() == Losers{"delete: by A"});
}

TEST_CASE("B6: delete_wins takes a request that it had not seen along, and records it") {
  Township hub;
  const Position start =
      hub.commit({Write('S').insert(service, 'm', {{"village_code", text("X")}})});
  hub.commit({Write('B').seen(start).insert(request, 'p',
                                            {{"service_id", ref('m')}, {"name", text("soon")}})});
  hub.commit({Write('A').seen(start).remove(service, 'm')});
  CHECK_FALSE(hub.has(service, 'm'));
  CHECK_FALSE(hub.has(request, 'p'));
  REQUIRE(hub.losers().size() == 2);
  CHECK(hub.losers()[0] == "name: soon by B");
}

TEST_CASE("B6: a later delete that had seen everything settles the one that was overruled") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('B').seen(start).update(resident, 'r', {{"name", text("Wang Wei")}})});
  const Position kept = hub.commit({delete_family('A', start)});
  CHECK(hub.losers() == Losers{"delete: by A"});
  hub.commit({delete_family('C', kept)});
  check_family(hub, false);
  CHECK(hub.losers().empty());
  CHECK(hub.row(household, 'w').overruled.empty());
}

TEST_CASE(
    "B6: a child that cannot come back keeps its own death, and an update of it is lost and "
    "recorded") {
  Township hub;
  const Position start =
      hub.commit({Write('S')
                      .insert(service, 'm', {{"village_code", text("X")}, {"name", text("meals")}})
                      .insert(request, 'q', {{"service_id", ref('m')}, {"name", text("Wang")}})});
  hub.commit({Write('A').seen(start).remove(request, 'q')});
  hub.commit({Write('C').seen(hub.head()).remove(service, 'm')});
  hub.commit({Write('B').seen(start).update(request, 'q', {{"name", text("Wang Wei")}})});
  CHECK_FALSE(hub.has(service, 'm'));
  CHECK_FALSE(hub.has(request, 'q'));
  CHECK(hub.row(request, 'q').death->author == phone_of('A'));
  CHECK(hub.outcome().kind == Outcome::Kind::merged);
  CHECK(hub.losers() == Losers{"name: Wang Wei by B"});
}

TEST_CASE("B6: a visit cannot be deleted but with its resident") {
  Township hub;
  const Position start = found_family(hub);
  hub.commit({Write('A').seen(start).remove(visit, 'v')});
  CHECK(hub.outcome().kind == Outcome::Kind::rejected);
  CHECK(hub.outcome().reason->code == ErrorCode::append_only);
  hub.commit({Write('A').seen(start).remove(resident, 'r').remove(visit, 'v')});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  CHECK_FALSE(hub.has(visit, 'v'));
}

TEST_CASE("B6: NULL written to every column by an update is on record when delete_wins takes it") {
  Township hub;
  const Position start = hub.commit(
      {Write('S').insert(service, 'm', {{"village_code", text("X")}, {"name", text("wash")}})});
  hub.commit({Write('B').seen(start).update(
      service, 'm', {{"village_code", text("Y")}, {"name", Value::null()}})});
  hub.commit({Write('A').seen(start).remove(service, 'm')});
  CHECK(hub.losers() == Losers{"name: NULL by B", "village_code: Y by B"});
}
