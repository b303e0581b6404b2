// What a phone shows while its own work is on the way (SEMANTICS C1, C2, A2): each story breaks
// without its rule.
#include <doctest/doctest.h>

#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

const RowId wang = row_id(1);

Value text(std::string_view value) { return Value::text(value); }

// A phone that has loaded the Wang household (phone 111) and 100 boxes of oil.
struct Village {
  Village() : phone(folder.file("a.db")) {
    hub.put("household", wang,
            {{"village", text("v1")}, {"head", text("Wang")}, {"phone", text("111")}});
    hub.put("supply", *RowId::from("oil"),
            {{"village", text("t1")}, {"boxes", Value::integer(100)}}, "t1");
    CHECK(apply(phone, hub.commit()).differing.empty());
  }
  std::string household() { return phone.read("SELECT head, phone FROM household"); }
  std::string boxes() { return phone.read("SELECT boxes FROM supply"); }
  std::string bookkeeping() {
    return phone.read("SELECT (SELECT count(*) FROM ds_pending), (SELECT count(*) FROM ds_outbox)");
  }

  Folder folder;
  Phone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE("a phone that has synced keeps no bookkeeping of rows and says that it is up to date") {
  Village v;
  CHECK(v.household() == "Wang|111");
  CHECK(v.bookkeeping() == "0|0");
  const ReplicaStatus status = v.phone.status();
  CHECK(status.up_to_date);
  CHECK(status.reasons.empty());
  CHECK(status.cursor == v.hub.head());
  CHECK(status.scopes.size() == 2);
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE(
    "T1 and T2 change the phone number, T1 is rejected: T2 stays on the screen and on its way") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.phone.run("UPDATE household SET phone = '333'");
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::rule_broken));
  CHECK(v.household() == "Wang|333");
  CHECK(v.phone.status().rejected == 1);
  CHECK(v.phone.status().pending == 1);
  const auto rejected = v.phone.replica().rejected();
  REQUIRE(rejected.ok());
  CHECK(rejected->front().reason.code == ErrorCode::rule_broken);
  CHECK(rejected->front().rows.front() == "update household " + to_hex(wang.view()));
  acknowledge(v.phone, rejecting(2, 2, ErrorCode::rule_broken));
  CHECK(v.household() == "Wang|111");
  CHECK(v.bookkeeping() == "0|0");
}

TEST_CASE("a rejected registration disappears from the tables and is kept with its reason") {
  Village v;
  v.phone.run("INSERT INTO household (id, village, head) VALUES (:id, 'v1', 'Li')",
              {id_binding(2)});
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::scope_denied));
  CHECK(v.phone.read("SELECT head FROM household") == "Wang");
  CHECK(v.phone.read("SELECT reason, message FROM ds_rejected") == "scope_denied|by the township");
}

TEST_CASE(
    "the hub counts 100 boxes, five are given away offline, 95 arrives before the ack: 95, not "
    "90") {
  Village v;
  v.phone.run("UPDATE supply SET boxes = boxes - 5");
  CHECK(v.boxes() == "95");
  v.hub.change("supply", *RowId::from("oil"), {{"boxes", Value::integer(95)}});
  CHECK(apply(v.phone, v.hub.commit(Sequence{1})).differing.empty());
  CHECK(v.boxes() == "95");
  acknowledge(v.phone, ack_through(1));
  CHECK(v.boxes() == "95");
  CHECK(v.bookkeeping() == "0|0");
}

TEST_CASE(
    "others give away ten boxes while five of mine are pending: both count at once, and once") {
  Village v;
  v.phone.run("UPDATE supply SET boxes = boxes - 5");
  v.hub.change("supply", *RowId::from("oil"), {{"boxes", Value::integer(90)}});
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.boxes() == "85");
  v.hub.change("supply", *RowId::from("oil"), {{"boxes", Value::integer(85)}});
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.boxes() == "85");
}

TEST_CASE(
    "the ack comes first, then a checkpoint from before the merge: my work stays on the screen") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  acknowledge(v.phone, ack_through(1));
  v.hub.change("household", wang, {{"head", text("Wang Fang")}});
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.household() == "Wang Fang|222");
  CHECK(v.phone.status().pending == 0);
  CHECK_FALSE(v.phone.status().up_to_date);
  // What she writes on top still says what she had seen when she wrote the number.
  v.hub.change("household", wang, {{"phone", text("444")}});
  apply(v.phone, v.hub.commit());
  CHECK(v.household() == "Wang Fang|222");
  v.phone.run("UPDATE household SET phone = '555'");
  const Transaction later = v.phone.sent(Sequence{1}).front();
  CHECK(observed_of(later, later.changes.front(), later.changes.front().cells.front()) ==
        Position::of(1, 1));
  CHECK(later.observed == v.hub.head());
}

TEST_CASE(
    "an edit made while its predecessor is in flight stays pending when the checkpoint arrives") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.phone.run("UPDATE household SET head = 'Wang Li'");
  v.hub.change("household", wang, {{"phone", text("222")}});
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.household() == "Wang Li|222");
  CHECK(v.phone.status().pending == 1);
  CHECK(v.bookkeeping() == "1|1");
  v.hub.change("household", wang, {{"head", text("Wang Li")}});
  apply(v.phone, v.hub.commit(Sequence{2}));
  CHECK(v.bookkeeping() == "0|0");
  CHECK(v.phone.status().up_to_date);
}

TEST_CASE(
    "the hub's value wins over mine: my number goes, the other stands, and the conflict tells "
    "whose") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.hub.change("household", wang, {{"phone", text("999")}});
  ConflictRecord record;
  record.id = ConflictId{{3}};
  record.table = "household";
  record.row = wang;
  record.column = "phone";
  record.winner = {text("999"), {v.hub.head(), DeviceId{{8}}, Stamp::at({1'700'000'000'000})}};
  record.loser = {text("222"),
                  {v.hub.head(), v.phone.status().device, Stamp::at({1'600'000'000'000})}};
  record.state = ConflictState::open;
  v.hub.add_conflict(record);
  CHECK(apply(v.phone, v.hub.commit(Sequence{1})).conflicts == 1);
  CHECK(v.household() == "Wang|999");
  CHECK(v.phone.status().conflicts_open == 1);
  const auto conflicts = v.phone.replica().conflicts();
  REQUIRE(conflicts.ok());
  CHECK(conflicts->front().loser == text("222"));
  CHECK(conflicts->front().loser_author == v.phone.status().device);
  CHECK(conflicts->front().loser_time == "2020-09-13T12:26:40.000Z");
  CHECK(conflicts->front().row == Value::blob(wang.view()));
  record.withdrawn = true;
  v.hub.add_conflict(record);
  apply(v.phone, v.hub.commit());
  CHECK(v.phone.replica().conflicts()->empty());
}

TEST_CASE(
    "a household leaves while a visit note is pending: its copy stays shown until the hub "
    "confirms") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.hub.remove("household", wang);
  const Applied first = apply(v.phone, v.hub.commit());
  CHECK(first.differing.empty());
  CHECK(v.household() == "Wang|222");
  // What she writes now was seen at the cursor of that copy, and so is what refers to it.
  v.phone.run("UPDATE household SET head = 'Wang Li'");
  v.phone.run("INSERT INTO visit (id, household_id, note) VALUES (uuid7(), :id, 'fever')",
              {id_binding(1)});
  const auto sent = v.phone.sent(Sequence{1});
  CHECK(observed_of(sent[0], sent[0].changes[0], sent[0].changes[0].cells[0]) ==
        Position::of(1, 1));
  CHECK(sent[1].observed == v.hub.head());
  CHECK(sent[1].changes[0].cells[0].observed == Position::of(1, 1));
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.household() == "Wang Li|222");
  apply(v.phone, v.hub.commit(Sequence{3}));
  CHECK(v.household().empty());
  CHECK(v.bookkeeping() == "0|0");
}

TEST_CASE(
    "my delete is pending and the hub changes the row: it stays away, and comes back if I am "
    "refused") {
  Village v;
  v.phone.run("DELETE FROM household");
  v.hub.change("household", wang, {{"phone", text("999")}});
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.household().empty());
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::rule_broken));
  CHECK(v.household() == "Wang|999");
}

TEST_CASE(
    "a long pull is staged: nothing shows before its checkpoint, and a batch's row removed later "
    "stays away") {
  Village v;
  v.hub.put("household", row_id(2), {{"head", text("Li")}});
  REQUIRE(v.phone.store().stage(v.hub.batch()).ok());
  v.phone.restart();
  CHECK(v.phone.read("SELECT count(*) FROM household") == "1");
  CHECK(v.phone.store().state()->staged.has_value());
  v.hub.remove("household", row_id(2));
  v.hub.put("household", row_id(3), {{"head", text("Zhao")}});
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.phone.read("SELECT head FROM household ORDER BY head") == "Wang\nZhao");
  CHECK_FALSE(v.phone.store().state()->staged.has_value());
}

TEST_CASE("changes that do not continue the cursor are refused and change nothing") {
  Village v;
  v.hub.change("household", wang, {{"phone", text("999")}});
  const Changes changes = v.hub.commit();
  apply(v.phone, changes);
  const auto again = v.phone.store().apply(changes);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == ErrorCode::unexpected_message);
  CHECK(v.phone.status().cursor == v.hub.head());
}

TEST_CASE("tables and columns of a newer hub are left out") {
  Village v;
  Changes changes = v.hub.commit();
  changes.rows.push_back({"drone", ScopeId{"v1"}, true, {"colour"}, {row_id(5)}, {text("red")}});
  changes.rows.push_back({"household", ScopeId{"v1"}, false, {"email"}, {wang}, {text("x")}});
  CHECK(apply(v.phone, changes).differing.empty());
  CHECK(v.household() == "Wang|111");
}

TEST_CASE("a scope whose rows differ from the hub's is named, and the phone is not up to date") {
  Village v;
  Changes changes = v.hub.commit();
  changes.checkpoint->digests[1].digest.low += 1;
  const Applied applied = apply(v.phone, changes);
  REQUIRE(applied.differing.size() == 1);
  CHECK(applied.differing.front() == ScopeId{"v1"});
  CHECK_FALSE(v.phone.status().up_to_date);
  CHECK_FALSE(v.phone.replica().verify()->ok());
}

TEST_CASE("a row that moves between two scopes of the phone keeps its row and the digests") {
  Village v;
  v.hub.remove("household", wang, ScopeId{"t1"});
  v.hub.put("household", wang, {{"village", text("t1")}, {"head", text("Wang")}}, "t1");
  const Applied applied = apply(v.phone, v.hub.commit());
  CHECK(applied.differing.empty());
  CHECK(applied.rows_removed == 0);
  CHECK(v.phone.read("SELECT village, phone FROM household") == "t1|-");
}

}  // namespace doorstep::test
