// Settling conflicts on a phone: what is shown at once, what is sent, and what the hub's answer
// does.
#include <doctest/doctest.h>

#include "client-sdk/src/conflict_records.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

const RowId wang = row_id(1);
const ConflictId number_conflict{{3}};
const ConflictId delete_conflict{{4}};

Value text(std::string_view value) { return Value::text(value); }

// A phone with the Wang household: number 999 stands, 222 lost; and a delete that met an edit.
struct Village {
  Village() : phone(folder.file("a.db")) {
    hub.put("household", wang,
            {{"village", text("v1")}, {"head", text("Wang")}, {"phone", text("999")}});
    hub.add_conflict(number_record(ConflictState::open));
    hub.add_conflict(delete_record());
    apply(phone, hub.commit());
  }

  [[nodiscard]] ConflictRecord number_record(ConflictState state) const {
    ConflictRecord record;
    record.id = number_conflict;
    record.table = "household";
    record.row = wang;
    record.column = "phone";
    record.winner = {text("999"),
                     {Position::of(1, 1), DeviceId{{8}}, Stamp::at({1'700'000'000'000})}};
    record.loser = {text("222"),
                    {Position::of(1, 1), DeviceId{{9}}, Stamp::at({1'600'000'000'000})}};
    record.state = state;
    record.position = Position::of(1, 1);
    if (state == ConflictState::decided) {
      record.decision =
          CellVersion{Position::of(1, 2), DeviceId{{7}}, Stamp::at({1'800'000'000'000})};
    }
    return record;
  }
  [[nodiscard]] static ConflictRecord delete_record() {
    ConflictRecord record;
    record.id = delete_conflict;
    record.table = "household";
    record.row = wang;
    record.winner = {Value::null(),
                     {Position::of(1, 1), DeviceId{{8}}, Stamp::at({1'700'000'000'000})}};
    record.loser = {Value::null(),
                    {Position::of(1, 1), DeviceId{{9}}, Stamp::at({1'600'000'000'000})}};
    record.state = ConflictState::open;
    record.position = Position::of(1, 1);
    return record;
  }

  ConflictInfo conflict(const ConflictId& id) {
    const auto all = phone.replica().conflicts();
    REQUIRE(all.ok());
    for (const ConflictInfo& one : *all) {
      if (one.id == id) return one;
    }
    FAIL("no such conflict");
    return {};
  }
  std::string household() { return phone.read("SELECT head, phone FROM household"); }

  Folder folder;
  Phone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE(
    "decide for the loser: its number is shown at once, and the decision waits in the outbox") {
  Village v;
  CHECK(v.phone.status().conflicts_open == 2);
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::loser).ok());
  CHECK(v.household() == "Wang|222");
  CHECK(v.conflict(number_conflict).state == "decided");
  CHECK(v.conflict(number_conflict).pending);
  CHECK(v.conflict(number_conflict).decided_by == v.phone.status().device);
  CHECK(v.phone.status().conflicts_open == 1);
  CHECK(v.phone.status().pending == 1);
  const auto sent = v.phone.sent();
  REQUIRE(sent.size() == 1);
  REQUIRE(sent[0].changes.size() == 1);
  const CellChange& cell = sent[0].changes[0].cells.at(0);
  CHECK(cell.decision == Decision::decide);
  CHECK(std::get<Value>(cell.edit) == text("222"));
}

TEST_CASE("decide for the winner: no value changes, and still it is a write that goes up") {
  Village v;
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::winner).ok());
  CHECK(v.household() == "Wang|999");
  const auto sent = v.phone.sent();
  REQUIRE(sent.size() == 1);
  CHECK(std::get<Value>(sent[0].changes[0].cells.at(0).edit) == text("999"));
  CHECK(sent[0].changes[0].cells[0].decision == Decision::decide);
}

TEST_CASE("a third number, and one that its column cannot hold") {
  Village v;
  REQUIRE(v.phone.replica().decide(number_conflict, Choice(text("138"))).ok());
  CHECK(v.household() == "Wang|138");
  const Status two = v.phone.replica().decide(delete_conflict, Choice(text("138")));
  CHECK(two.error().code == ErrorCode::bad_value);
  CHECK(v.phone.replica().decide(ConflictId{{99}}, Keep::winner).error().code ==
        ErrorCode::not_found);
  CHECK(v.phone.status().pending == 1);
}

TEST_CASE("the hub confirms a decision: the record says who and when, and nothing waits any more") {
  Village v;
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::loser).ok());
  // The hub's word about it comes with the checkpoint that includes it.
  v.hub.change("household", wang, {{"phone", text("222")}});
  v.hub.add_conflict(v.number_record(ConflictState::decided));
  apply(v.phone, v.hub.commit(Sequence{1}));
  const ConflictInfo decided = v.conflict(number_conflict);
  CHECK(decided.state == "decided");
  CHECK_FALSE(decided.pending);
  CHECK(decided.decided_by == DeviceId{{7}});
  CHECK(decided.decided_time == "2027-01-15T08:00:00.000Z");
  CHECK(v.phone.read("SELECT count(*) FROM ds_pending") == "0");
}

TEST_CASE("a pull in between does not open what was decided here and waits") {
  Village v;
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::loser).ok());
  v.hub.add_conflict(v.number_record(ConflictState::open));
  apply(v.phone, v.hub.commit());
  CHECK(v.conflict(number_conflict).state == "decided");
  CHECK(v.household() == "Wang|222");
}

TEST_CASE("the hub rejects a decision: number and record are as before, and the work is kept") {
  Village v;
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::loser).ok());
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::rule_broken));
  CHECK(v.household() == "Wang|999");
  CHECK(v.conflict(number_conflict).state == "open");
  CHECK_FALSE(v.conflict(number_conflict).pending);
  CHECK(v.phone.status().rejected == 1);
}

TEST_CASE(
    "undo: the number is what it was, the record is open, and what is not decided is refused") {
  Village v;
  CHECK(v.phone.replica().undo(number_conflict).error().code == ErrorCode::not_found);
  REQUIRE(v.phone.replica().decide(number_conflict, Keep::loser).ok());
  REQUIRE(v.phone.replica().undo(number_conflict).ok());
  CHECK(v.household() == "Wang|999");
  CHECK(v.conflict(number_conflict).state == "open");
  const auto sent = v.phone.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].changes[0].cells.at(0).decision == Decision::reopen);
}

TEST_CASE("a delete that met an edit: keep the row, or let it go, and take that back") {
  Village v;
  REQUIRE(v.phone.replica().decide(delete_conflict, Keep::winner).ok());
  CHECK(v.household() == "Wang|999");
  REQUIRE(v.phone.replica().decide(delete_conflict, Keep::loser).ok());
  CHECK(v.household().empty());
  REQUIRE(v.phone.replica().undo(delete_conflict).ok());
  CHECK(v.household() == "Wang|999");
  const auto sent = v.phone.sent();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].changes[0].kind == RowChange::Kind::update);
  CHECK(sent[0].changes[0].decision == Decision::decide);
  CHECK(sent[1].changes[0].kind == RowChange::Kind::remove);
  CHECK(sent[1].changes[0].decision == Decision::decide);
  CHECK(sent[2].changes[0].decision == Decision::reopen);
  v.phone.restart();
  CHECK(v.household() == "Wang|999");
}

TEST_CASE("all open conflicts at once are one transaction, of one row too") {
  Village v;
  const auto count = v.phone.replica().decide_all({}, Keep::winner);
  REQUIRE(count.ok());
  CHECK(*count == 2);
  CHECK(v.phone.status().conflicts_open == 0);
  CHECK(v.phone.status().pending == 1);
  const auto sent = v.phone.sent();
  REQUIRE(sent.size() == 1);
  REQUIRE(sent[0].changes.size() == 1);
  CHECK(sent[0].changes[0].decision == Decision::decide);
  CHECK(sent[0].changes[0].cells.at(0).decision == Decision::decide);
  CHECK(v.phone.replica().decide_all({}, Keep::winner).value() == 0);
}

TEST_CASE("conflicts are listed by state, table, row and column, the newest first, up to a limit") {
  Village v;
  ConflictFilter filter;
  filter.table = "household";
  filter.column = "phone";
  filter.row = Value::blob(wang.view());
  CHECK(v.phone.replica().conflicts(filter)->size() == 1);
  filter.state = "auto";
  CHECK(v.phone.replica().conflicts(filter)->empty());
  ConflictFilter first;
  first.limit = 1;
  CHECK(v.phone.replica().conflicts(first)->size() == 1);
  first.table = "visit";
  CHECK(v.phone.replica().conflicts(first)->empty());
}

TEST_CASE("explain on a phone: what is shown, what waits, what the hub says, and what lost") {
  Village v;
  v.phone.run("UPDATE household SET phone = '333'");
  const auto story = v.phone.replica().explain("household", Value::blob(wang.view()), "phone");
  REQUIRE(story.ok());
  CHECK(story->policy == "latest");
  CHECK(story->shown == text("333"));
  CHECK(story->hub_value == text("999"));
  CHECK(story->pending == 1);
  REQUIRE(story->candidates.size() == 4);
  CHECK(story->candidates[0].place == "shown");
  CHECK(story->candidates[1].place == "pending");
  CHECK(story->candidates[1].author == v.phone.status().device);
  CHECK_FALSE(story->candidates[1].claimed_time.empty());
  CHECK(story->candidates[2].place == "stood");
  CHECK(story->candidates[2].value == text("999"));
  CHECK(story->candidates[3].place == "lost");
  CHECK(story->candidates[3].value == text("222"));
  CHECK(story->candidates[3].conflict->state == "open");
  CHECK(v.phone.replica().explain("household", Value::blob(wang.view()), "x").error().code ==
        ErrorCode::unknown_column);
}

TEST_CASE("a household that moves away takes its conflicts along") {
  Village v;
  v.hub.remove("household", wang, ScopeId{"v9"});
  apply(v.phone, v.hub.commit());
  CHECK(v.phone.replica().conflicts()->empty());
}

}  // namespace doorstep::test
