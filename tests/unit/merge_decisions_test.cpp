// SEMANTICS B5: what a person decides about values that met, and what comes late.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
Value number(std::int64_t value) { return Value::integer(value); }

/// A decides about a column of household w, having seen `seen`.
IncomingTransaction decision(char author, std::string_view column, Value value, Position seen,
                             std::int64_t minute, Decision what = Decision::decide) {
  IncomingTransaction made =
      Write(author).seen(seen).at(minute).update(household, 'w', {{std::string(column), value}});
  made.content.changes.back().cells.back().decision = what;
  return made;
}

/// Two volunteers changed the phone number: A at 20, B at 10; 200 is shown.
struct TwoNumbers {
  Township hub;
  Position start = hub.found_household({{"phone", text("100")}, {"max", number(5)}});
  Position met =
      hub.commit({Write('A').seen(start).at(20).update(household, 'w', {{"phone", text("200")}}),
                  Write('B').seen(start).at(10).update(household, 'w', {{"phone", text("300")}})});
};

}  // namespace

TEST_CASE(
    "B5: the secretary decides for the number that lost: it is shown, and the record says who") {
  TwoNumbers two;
  CHECK(records_in_words(two.hub) == "phone: 300 by B, auto");
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("300"));
  CHECK(two.hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by S");
  const Conflict& record = two.hub.records().begin()->second;
  CHECK(record.winner.value == text("200"));
  CHECK(record.position == decided);
  CHECK(record.decision->position == decided);
}

TEST_CASE("B5: to keep the number that stands is a decision too, though no value changes") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("200"), two.met, 30)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("200"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by S");
}

TEST_CASE("B5: a month-old fourth value arrives after the decision: filed, and not shown") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("138"), two.met, 30)});
  two.hub.commit(
      {Write('C').seen(two.start).at(15).update(household, 'w', {{"phone", text("400")}})});
  CHECK(two.hub.shown(household, 'w', "phone") == text("138"));
  CHECK(two.hub.outcome().kind == Outcome::Kind::merged);
  CHECK(records_in_words(two.hub) ==
        "phone: 300 by B, decided by S; phone: 400 by C, decided by S");
}

TEST_CASE("B5: the loser once more, from a phone that never heard of it, changes nothing") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("200"), two.met, 30)});
  two.hub.commit(
      {Write('C').seen(two.start).at(12).update(household, 'w', {{"phone", text("200")}})});
  CHECK(two.hub.shown(household, 'w', "phone") == text("200"));
  CHECK(two.hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by S");
}

TEST_CASE("B5: the same number as decided, on its way since a month, is no conflict") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("200"), two.met, 30)});
  const Position late = two.hub.commit(
      {Write('C').seen(two.start).at(15).update(household, 'w', {{"phone", text("400")}})});
  two.hub.commit(
      {Write('D').seen(two.met).at(28).update(household, 'w', {{"phone", text("200")}})});
  CHECK(two.hub.outcome().kind == Outcome::Kind::accepted);
  CHECK(
      two.hub.row(household, 'w').find_cell(column_of(household, "phone"))->contributions.size() ==
      1);
  CHECK(late < two.hub.head());
}

TEST_CASE(
    "B5: a number written after the decision, by one who had not heard, opens the matter again") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit(
      {Write('C').seen(two.met).at(40).update(household, 'w', {{"phone", text("400")}})});
  CHECK(two.hub.shown(household, 'w', "phone") == text("400"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by S; phone: 300 by S, auto");
}

TEST_CASE("B5: who has seen the decision goes on from it, and what is older stays settled") {
  TwoNumbers two;
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit({Write('C').seen(decided).at(1).update(household, 'w', {{"phone", text("400")}})});
  CHECK(two.hub.shown(household, 'w', "phone") == text("400"));
  two.hub.commit(
      {Write('D').seen(two.start).at(12).update(household, 'w', {{"phone", text("500")}})});
  CHECK(two.hub.shown(household, 'w', "phone") == text("400"));
  CHECK(records_in_words(two.hub) ==
        "phone: 300 by B, decided by S; phone: 500 by D, decided by S");
}

TEST_CASE("B5: two decide without hearing of each other: the first stands, the second is told") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit({decision('T', "phone", text("200"), two.met, 50)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("300"));
  REQUIRE(two.hub.outcome().lost.size() == 1);
  CHECK(two.hub.outcome().lost[0].column == "phone");
  CHECK(records_in_words(two.hub) ==
        "phone: 200 by T, decided by S; phone: 300 by B, decided by S");
}

TEST_CASE("B5: a value that waits unseen at the hub when the decision comes goes by its stamp") {
  TwoNumbers two;
  // C's is older than the decision, D's newer; the decider had seen neither.
  two.hub.commit(
      {Write('C').seen(two.start).at(25).update(household, 'w', {{"phone", text("400")}}),
       Write('D').seen(two.start).at(60).update(household, 'w', {{"phone", text("500")}})});
  two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("500"));
  CHECK(two.hub.outcome().lost.size() == 1);
  CHECK(records_in_words(two.hub) ==
        "phone: 200 by A, decided by S; phone: 300 by B, decided by S; phone: 300 by S, auto; "
        "phone: 400 by C, decided by S");
}

TEST_CASE("B5: a decision goes below the highest value, and an older one does not come back") {
  Township hub;
  const Position start = hub.found_household({{"max", number(5)}});
  const Position met =
      hub.commit({Write('A').seen(start).at(10).update(household, 'w', {{"max", number(9)}}),
                  Write('B').seen(start).at(11).update(household, 'w', {{"max", number(7)}})});
  CHECK(hub.shown(household, 'w', "max") == number(9));
  hub.commit({decision('S', "max", number(7), met, 30)});
  CHECK(hub.shown(household, 'w', "max") == number(7));
  hub.commit({Write('C').seen(start).at(12).update(household, 'w', {{"max", number(8)}})});
  CHECK(hub.shown(household, 'w', "max") == number(7));
  hub.commit({Write('D').seen(start).at(45).update(household, 'w', {{"max", number(6)}})});
  CHECK(hub.shown(household, 'w', "max") == number(7));
}

TEST_CASE("B5: undo opens the records again, puts the value back, and lets late values in again") {
  TwoNumbers two;
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit({decision('S', "phone", text("200"), decided, 35, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("200"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, open");
  CHECK_FALSE(two.hub.row(household, 'w').find_cell(column_of(household, "phone"))->decision);
  two.hub.commit(
      {Write('C').seen(two.start).at(15).update(household, 'w', {{"phone", text("400")}})});
  CHECK(records_in_words(two.hub) == "phone: 300 by B, open; phone: 400 by C, auto");
}

TEST_CASE("B5: undo after others went on from the decision keeps their value") {
  TwoNumbers two;
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  const Position further = two.hub.commit(
      {Write('C').seen(decided).at(40).update(household, 'w', {{"phone", text("400")}})});
  two.hub.commit({decision('S', "phone", text("200"), further, 50, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("400"));
  CHECK(two.hub.outcome().lost.size() == 1);
  CHECK(records_in_words(two.hub) == "phone: 300 by B, open");
}

TEST_CASE("B5: undo of a decision that another one replaced unseen changes nothing") {
  TwoNumbers two;
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit({decision('T', "phone", text("138"), decided, 40)});
  two.hub.commit({decision('U', "phone", text("200"), decided, 50, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("138"));
  CHECK(two.hub.outcome().lost.size() == 1);
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by T");
}

TEST_CASE(
    "B5: decided and undone on one phone before it syncs: nothing but an open record is left") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("300"), two.met, 30),
                  decision('S', "phone", text("200"), two.met, 31, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("200"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, open");
}

TEST_CASE("B5: a decision about one's own losing value is no withdrawal") {
  TwoNumbers two;
  two.hub.commit({decision('B', "phone", text("138"), two.met, 30)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("138"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, decided by B");
}

TEST_CASE("B5: a decision in a rejected transaction decides nothing") {
  TwoNumbers two;
  IncomingTransaction broken = decision('S', "phone", text("300"), two.met, 30);
  broken.content.changes.push_back(RowChange{visit, row('v'), RowChange::Kind::insert, {}, {}});
  broken.content.changes.back().cells = {{column_of(visit, "resident_id"), ref('z'), std::nullopt}};
  two.hub.commit({broken});
  CHECK(two.hub.outcome().kind != Outcome::Kind::accepted);
  CHECK(two.hub.shown(household, 'w', "phone") == text("200"));
  CHECK(records_in_words(two.hub) == "phone: 300 by B, auto");
}

TEST_CASE("B5: only values that can lose are decided: of a counter nothing is, and of an insert") {
  Township hub;
  const Position start = hub.found_household({{"counter", number(5)}});
  IncomingTransaction counted = Write('A').seen(start).increment('w', 3);
  counted.content.changes.back().cells.back().decision = Decision::decide;
  hub.commit({counted});
  CHECK(hub.outcome().reason->code == ErrorCode::malformed);
  IncomingTransaction inserted =
      Write('A').seen(start).insert(household, 'x', {{"village_code", text("X")}});
  inserted.content.changes.back().decision = Decision::decide;
  hub.commit({inserted});
  CHECK(hub.outcome().reason->code == ErrorCode::malformed);
}

TEST_CASE("B5: a phone decides, goes on and undoes before it syncs: what it went on to stays") {
  TwoNumbers two;
  two.hub.commit({decision('S', "phone", text("300"), two.met, 30),
                  Write('S').seen(two.met).at(31).update(household, 'w', {{"phone", text("500")}}),
                  decision('S', "phone", text("200"), two.met, 32, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("500"));
  CHECK(two.hub.outcome(2).kind == Outcome::Kind::merged);
}

TEST_CASE(
    "B5: a decision, a late value filed by it and a second decision come in one commit: the value "
    "is settled by the second, and open when that is taken back") {
  TwoNumbers two;
  const Position decided = two.hub.commit({decision('S', "phone", text("300"), two.met, 30)});
  two.hub.commit(
      {Write('C').seen(two.start).at(15).update(household, 'w', {{"phone", text("400")}}),
       decision('S', "phone", text("500"), decided, 40),
       decision('S', "phone", text("300"), decided, 50, Decision::reopen)});
  CHECK(two.hub.shown(household, 'w', "phone") == text("300"));
  CHECK(records_in_words(two.hub).find("phone: 400 by C, open") != std::string::npos);
}
