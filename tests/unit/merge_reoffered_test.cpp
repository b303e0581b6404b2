// SEMANTICS G3: after a restore, phones offer the lost days again, each when it happens to call.
// Whatever the order, what stands is what stood before the hub was lost.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
using Losers = std::vector<std::string>;

/// Positions of the history that is lost; the restored hub had the household, no more.
Position lost(std::uint64_t number) { return Position::of(1, number); }
constexpr std::uint64_t restored_at = 1;

/// The write stood at `was`, and had observed there what Write::seen() says.
IncomingTransaction again(const Write& write, Position was) {
  IncomingTransaction transaction = write;
  transaction.reoffer = Reoffer{lost(restored_at), was};
  return transaction;
}

/// A's number, offered again as of the lost commit 2, and B's, as of 3, who had seen as much as
/// that.
void offer_both(Township& hub, bool b_first, Position b_saw) {
  hub.found_household({{"phone", text("100")}});
  const auto a = again(
      Write('A').seen(lost(1)).at(10).update(household, 'w', {{"phone", text("200")}}), lost(2));
  const auto b =
      again(Write('B').seen(b_saw).at(5).update(household, 'w', {{"phone", text("300")}}), lost(3));
  hub.commit({b_first ? b : a});
  hub.commit({b_first ? a : b});
}

}  // namespace

TEST_CASE("G3: B's edit of A's edit stands, whichever phone offers first again") {
  for (const bool b_first : {true, false}) {
    Township hub;
    offer_both(hub, b_first, lost(2));
    CHECK(hub.shown(household, 'w', "phone") == text("300"));
    CHECK(hub.losers().empty());
    CHECK(hub.outcome().kind == Outcome::Kind::accepted);
  }
}

TEST_CASE("G3: two who had not seen each other still meet as a conflict after the restore") {
  for (const bool b_first : {true, false}) {
    Township hub;
    offer_both(hub, b_first, lost(1));
    CHECK(hub.shown(household, 'w', "phone") == text("200"));
    CHECK(hub.losers() == Losers{"phone: 300 by B"});
  }
}

TEST_CASE("G3: an order claimed first on the lost hub is the first claim of the restored one") {
  for (const bool b_first : {true, false}) {
    Township hub;
    hub.found_household();
    const auto a =
        again(Write('A').seen(lost(1)).update(household, 'w', {{"first", text("A")}}), lost(2));
    const auto b =
        again(Write('B').seen(lost(1)).update(household, 'w', {{"first", text("B")}}), lost(3));
    hub.commit({b_first ? b : a});
    hub.commit({b_first ? a : b});
    CHECK(hub.shown(household, 'w', "first") == text("A"));
    CHECK(hub.losers() == Losers{"first: B by B"});
  }
}

TEST_CASE("G3: counters count each offered amount once, in any order") {
  Township hub;
  hub.found_household({{"counter", Value::integer(100)}});
  hub.commit({again(Write('B').seen(lost(2)).increment('w', 7), lost(3))});
  hub.commit({again(Write('A').seen(lost(1)).increment('w', -5), lost(2))});
  CHECK(hub.shown(household, 'w', "counter") == Value::integer(102));
}

TEST_CASE(
    "G3: a household deleted by one who had seen the edit stays deleted when the edit comes "
    "later") {
  for (const bool delete_first : {true, false}) {
    Township hub;
    hub.found_household({{"phone", text("100")}});
    const auto edit =
        again(Write('A').seen(lost(1)).update(household, 'w', {{"phone", text("200")}}), lost(2));
    const auto gone = again(Write('B').seen(lost(2)).remove(household, 'w'), lost(3));
    hub.commit({delete_first ? gone : edit});
    hub.commit({delete_first ? edit : gone});
    CHECK_FALSE(hub.has(household, 'w'));
    CHECK(hub.losers().empty());
  }
}

TEST_CASE(
    "G3: a member registered below a household is gone with it when its deleter had seen "
    "the member") {
  Township hub;
  hub.found_household();
  hub.commit({again(Write('B').seen(lost(2)).remove(household, 'w'), lost(3))});
  hub.commit({again(Write('A').seen(lost(1)).insert(resident, 'r', {{"household_id", ref('w')}}),
                    lost(2))});
  CHECK_FALSE(hub.has(household, 'w'));
  CHECK_FALSE(hub.has(resident, 'r'));
}

TEST_CASE(
    "G3: a household registered anew after a delete lives, also when the delete comes later") {
  for (const bool delete_first : {true, false}) {
    Township hub;
    hub.found_household({{"phone", text("100")}});
    const auto gone = again(Write('A').seen(lost(1)).remove(household, 'w'), lost(2));
    const auto anew =
        again(Write('B').seen(lost(2)).insert(
                  household, 'w', {{"phone", text("300")}, {"village_code", text("X")}}),
              lost(3));
    hub.commit({delete_first ? gone : anew});
    hub.commit({delete_first ? anew : gone});
    CHECK(hub.has(household, 'w'));
    CHECK(hub.shown(household, 'w', "phone") == text("300"));
    CHECK(hub.losers().empty());
  }
}

TEST_CASE("G3: a delete of a household that has not come again waits for it") {
  Township hub;
  hub.found_household();
  hub.commit({again(Write('B').seen(lost(2)).remove(household, 'z'), lost(3))});
  CHECK(hub.outcome().kind == Outcome::Kind::quarantined);
  CHECK(lacks_row(hub.outcome()));
  // Ordinarily what is not here need not be taken away.
  hub.commit({Write('C').seen(lost(1)).remove(household, 'z')});
  CHECK(hub.outcome().kind == Outcome::Kind::accepted);
}

TEST_CASE("G3: what was written after the restore has not seen what is offered again later") {
  Township hub;
  hub.found_household({{"phone", text("100")}});
  const Position fresh = hub.commit(
      {Write('C').seen(lost(1)).at(20).update(household, 'w', {{"phone", text("400")}})});
  CHECK(fresh == lost(2));
  hub.commit({again(
      Write('A').seen(lost(1)).at(10).update(household, 'w', {{"phone", text("200")}}), lost(2))});
  CHECK(hub.shown(household, 'w', "phone") == text("400"));
  CHECK(hub.losers() == Losers{"phone: 200 by A"});
}

TEST_CASE("G3: what one had observed beyond the restore was another history's") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  hub.commit({Write('C').seen(start).at(20).update(household, 'w', {{"phone", text("400")}})});
  // It had observed the lost position 9, which has nothing to do with C's position 2 here.
  hub.commit({again(
      Write('A').seen(lost(9)).at(30).update(household, 'w', {{"phone", text("200")}}), lost(10))});
  CHECK(hub.shown(household, 'w', "phone") == text("200"));
  CHECK(hub.losers() == Losers{"phone: 400 by C"});
}
