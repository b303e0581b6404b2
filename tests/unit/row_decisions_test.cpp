// SEMANTICS B5: what a person decides about a whole row: that it stays, or goes.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
Value number(std::int64_t value) { return Value::integer(value); }

/// A decides whether household w stays (an update without cells) or goes (a remove).
IncomingTransaction row_decision(char author, RowChange::Kind kind, Position seen,
                                 std::int64_t minute, Decision what = Decision::decide) {
  Write write(author);
  write.seen(seen).at(minute);
  if (kind == RowChange::Kind::remove) {
    write.remove(household, 'w');
  } else {
    write.update(household, 'w', {});
  }
  IncomingTransaction made = write;
  made.content.changes.back().decision = what;
  return made;
}

/// A deletes the household while B changes its number: it stays, and a person must look.
struct DeleteMetEdit {
  Township hub;
  Position start = hub.found_household({{"phone", text("100")}});
  Position met =
      hub.commit({Write('B').seen(start).at(10).update(household, 'w', {{"phone", text("300")}}),
                  Write('A').seen(start).at(20).remove(household, 'w')});
};

}  // namespace

TEST_CASE(
    "B5: a delete that met an edit, decided: the row stays, and the delete sent again loses") {
  DeleteMetEdit both;
  CHECK(records_in_words(both.hub) == "delete by A, open");
  both.hub.commit({row_decision('S', RowChange::Kind::update, both.met, 30)});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S");
  both.hub.commit({Write('C').seen(both.met).at(25).remove(household, 'w')});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(both.hub.outcome().lost.size() == 1);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S; delete by C, decided by S");
}

TEST_CASE("B5: a delete after the decision to keep, unheard of, asks a person again") {
  DeleteMetEdit both;
  both.hub.commit({row_decision('S', RowChange::Kind::update, both.met, 30)});
  both.hub.commit({Write('C').seen(both.met).at(40).remove(household, 'w')});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S; delete by C, open");
}

TEST_CASE("B5: decided that the row goes: it goes, and an older edit does not bring it back") {
  DeleteMetEdit both;
  both.hub.commit({row_decision('S', RowChange::Kind::remove, both.met, 30)});
  CHECK_FALSE(both.hub.row(household, 'w').live);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S");
  both.hub.commit(
      {Write('C').seen(both.met).at(25).update(household, 'w', {{"phone", text("400")}})});
  CHECK_FALSE(both.hub.row(household, 'w').live);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S; phone: 400 by C, decided by S");
  both.hub.commit(
      {Write('D').seen(both.met).at(40).update(household, 'w', {{"phone", text("500")}})});
  CHECK(both.hub.row(household, 'w').live);
}

TEST_CASE("B5: decided that the row goes, undone: it is back as it was, and waits for a person") {
  DeleteMetEdit both;
  const Position gone = both.hub.commit({row_decision('S', RowChange::Kind::remove, both.met, 30)});
  both.hub.commit({row_decision('S', RowChange::Kind::update, gone, 35, Decision::reopen)});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(both.hub.shown(household, 'w', "phone") == text("300"));
  CHECK(both.hub.row(household, 'w').since == both.hub.head());
  CHECK(records_in_words(both.hub) == "delete by A, open");
}

TEST_CASE("B5: an edit that was at the hub unseen when the row was let go is filed by its stamp") {
  DeleteMetEdit both;
  both.hub.commit({Write('C').seen(both.met).at(25).update(household, 'w', {{"max", number(8)}})});
  both.hub.commit({row_decision('S', RowChange::Kind::remove, both.met, 30)});
  CHECK_FALSE(both.hub.row(household, 'w').live);
  CHECK(records_in_words(both.hub) == "delete by A, decided by S; max: 8 by C, decided by S");
}

TEST_CASE(
    "B5: a resident entered before the family was let go goes with it, whichever reaches the hub "
    "first; one entered after it brings it back") {
  for (const bool late : {false, true}) {
    DeleteMetEdit both;
    const IncomingTransaction entry =
        Write('C').seen(both.met).at(25).insert(resident, 'r', {{"household_id", ref('w')}});
    const IncomingTransaction gone = row_decision('S', RowChange::Kind::remove, both.met, 30);
    both.hub.commit({late ? gone : entry});
    both.hub.commit({late ? entry : gone});
    CHECK_FALSE(both.hub.row(household, 'w').live);
    CHECK_FALSE(both.hub.row(resident, 'r').live);
    CHECK(records_in_words(both.hub).starts_with("delete by A, decided by S; household_id: "));
    CHECK(records_in_words(both.hub).ends_with("by C, decided by S"));
  }
  DeleteMetEdit both;
  both.hub.commit({row_decision('S', RowChange::Kind::remove, both.met, 30)});
  both.hub.commit(
      {Write('C').seen(both.met).at(35).insert(resident, 'r', {{"household_id", ref('w')}})});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(both.hub.row(resident, 'r').live);
}

TEST_CASE("B5: two decide about one row: the first stands, the second is told") {
  DeleteMetEdit both;
  both.hub.commit({row_decision('S', RowChange::Kind::update, both.met, 30)});
  both.hub.commit({row_decision('T', RowChange::Kind::remove, both.met, 50)});
  CHECK(both.hub.row(household, 'w').live);
  REQUIRE(both.hub.outcome().lost.size() == 1);
  CHECK(both.hub.outcome().lost[0].column.empty());
  CHECK(records_in_words(both.hub) == "delete by A, decided by S; delete by T, decided by S");
}

TEST_CASE("B5: a row that somebody let go for good is brought back by a decision to keep it") {
  DeleteMetEdit both;
  const Position dead = both.hub.commit({Write('C').seen(both.met).at(40).remove(household, 'w')});
  CHECK_FALSE(both.hub.row(household, 'w').live);
  both.hub.commit({row_decision('S', RowChange::Kind::update, dead, 50)});
  CHECK(both.hub.row(household, 'w').live);
  CHECK(both.hub.shown(household, 'w', "phone") == text("300"));
  CHECK(records_in_words(both.hub) == "delete by C, decided by S");
}

TEST_CASE("B6: what was buried with a service comes back with it when that decision is undone") {
  Township hub;
  const Position start = hub.commit(
      {Write('A').insert(service, 'm', {{"village_code", text("X")}, {"name", text("meals")}})});
  IncomingTransaction ends = Write('S').seen(start).at(30).remove(service, 'm');
  ends.content.changes.back().decision = Decision::decide;
  const Position ended = hub.commit({ends});
  hub.commit({Write('B').seen(start).at(20).insert(
      request, 'q', {{"service_id", ref('m')}, {"name", text("Wang")}})});
  CHECK_FALSE(hub.has(request, 'q'));
  CHECK(hub.outcome().lost.size() == 2);
  IncomingTransaction undo = Write('S').seen(ended).at(40).update(service, 'm', {});
  undo.content.changes.back().decision = Decision::reopen;
  hub.commit({undo});
  CHECK(hub.has(service, 'm'));
  CHECK(hub.has(request, 'q'));
  CHECK(hub.shown(request, 'q', "name") == text("Wang"));
}
