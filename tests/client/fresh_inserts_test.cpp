// Rows that were only inserted: the outbox alone says that they are on the way, and everything that
// asks about a row finds them there.
#include <doctest/doctest.h>

#include "client-sdk/src/pending_rows.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

struct Village {
  Village() : phone(folder.file("a.db")) {
    hub.put("household", row_id(5),
            {{"village", Value::text("v1")}, {"head", Value::text("Wang")}});
    CHECK(apply(phone, hub.commit()).differing.empty());
  }
  void register_household(int number, const std::string& head) {
    const auto id = static_cast<std::uint8_t>(number);
    phone.run("INSERT INTO household (id, village, head) VALUES (:id, 'v1', '" + head + "')",
              {id_binding(id)});
  }
  /// Rows of ds_pending, and rows with unconfirmed work in all.
  std::string kept() {
    auto db = sqlite::Database::open(phone.path(), {}).value();
    const auto keys = PendingRows(db, small_schema()).keys().value();
    return phone.read("SELECT count(*) FROM ds_pending") + " of " + std::to_string(keys.size());
  }
  Receipt receipt(int number) {
    const auto id = static_cast<std::uint8_t>(number);
    return phone.replica().receipt("household", Value::blob(row_id(id).view())).value();
  }

  Folder folder;
  ReplicaPhone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE("families registered one after another are on the way, and nothing is kept of each") {
  Village v;
  for (const int id : {6, 7, 8, 9, 10}) v.register_household(id, "Li");
  CHECK(v.kept() == "0 of 5");
  CHECK(v.receipt(8).transaction == Sequence{3});
  CHECK(v.receipt(5).state == Receipt::State::at_township);
  CHECK(v.phone.replica().receipts()->on_this_phone == 5);
  CHECK(v.phone.replica().verify()->problems.empty());
  const auto explanation =
      v.phone.replica().explain("household", Value::blob(row_id(7).view()), "head");
  REQUIRE(explanation.ok());
  CHECK(explanation->pending == 1);
  CHECK(explanation->hub_value.is_null());
  v.phone.restart();
  CHECK(v.kept() == "0 of 5");
}

TEST_CASE("a family registered offline is written to again: what its author had seen is kept") {
  Village v;
  v.register_household(6, "Li");
  v.register_household(7, "Zhao");
  v.hub.change("household", row_id(5), {{"head", Value::text("Wang Fang")}});
  apply(v.phone, v.hub.commit());
  v.phone.run("UPDATE household SET phone = '222' WHERE head = 'Li'");
  CHECK(v.kept() == "1 of 2");
  const Transaction later = v.phone.sent(Sequence{2}).front();
  CHECK(observed_of(later, later.changes.front(), later.changes.front().cells.front()) ==
        Position::of(1, 1));
  CHECK(later.observed == v.hub.head());
  acknowledge(v.phone, rejecting(3, 1, ErrorCode::scope_denied));
  CHECK(v.phone.read("SELECT head FROM household ORDER BY head") == "Wang Fang\nZhao");
}

TEST_CASE("a checkpoint confirms some of the families registered offline, the others stay") {
  Village v;
  for (const int id : {6, 7, 8}) v.register_household(id, "Li");
  v.hub.put("household", row_id(6), {{"village", Value::text("v1")}, {"head", Value::text("Li")}});
  CHECK(apply(v.phone, v.hub.commit(Sequence{1})).differing.empty());
  CHECK(v.kept() == "0 of 2");
  v.register_household(9, "Sun");
  CHECK(v.kept() == "0 of 3");
  acknowledge(v.phone, rejecting(4, 3, ErrorCode::scope_denied));
  CHECK(v.kept() == "0 of 2");
  CHECK(v.phone.read("SELECT hex(id) FROM household WHERE head = 'Li'").size() == 2 * 32 + 1);
  v.hub.put("household", row_id(7), {{"village", Value::text("v1")}, {"head", Value::text("Li")}});
  v.hub.put("household", row_id(9), {{"village", Value::text("v1")}, {"head", Value::text("Sun")}});
  CHECK(apply(v.phone, v.hub.commit(Sequence{4})).differing.empty());
  CHECK(v.kept() == "0 of 0");
  CHECK(v.phone.status().up_to_date);
}

TEST_CASE(
    "one checkpoint includes a whole morning: rows are the hub's, also where it has none of them") {
  Village v;
  for (const int id : {6, 7, 8}) v.register_household(id, "Li");
  for (const std::string number : {"111", "222", "333"}) {
    v.phone.run("UPDATE household SET phone = '" + number + "' WHERE head = 'Wang'");
  }
  v.phone.run("UPDATE household SET phone = '444' WHERE id = :id", {id_binding(7)});
  CHECK(v.kept() == "2 of 4");
  // Another number stands for Wang, family 8 was taken away by another phone meanwhile.
  const Value here = Value::text("v1");
  v.hub.change("household", row_id(5), {{"phone", Value::text("999")}});
  v.hub.put("household", row_id(6), {{"village", here}, {"head", Value::text("Li")}});
  v.hub.put("household", row_id(7),
            {{"village", here}, {"head", Value::text("Li")}, {"phone", Value::text("444")}});
  CHECK(apply(v.phone, v.hub.commit(Sequence{7})).differing.empty());
  CHECK(v.phone.read("SELECT head, phone FROM household ORDER BY id") == "Wang|999\nLi|-\nLi|444");
  CHECK(v.kept() == "0 of 0");
  CHECK(v.phone.status().up_to_date);
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE("ids that do not rise, and a row that was deleted here before, are kept one by one") {
  Village v;
  v.register_household(9, "Li");
  v.register_household(7, "made on another screen before");
  CHECK(v.kept() == "1 of 2");
  CHECK(v.receipt(7).transaction == Sequence{2});
  v.phone.run("DELETE FROM household WHERE head = 'Wang'");
  v.phone.run("DELETE FROM household WHERE head = 'Li'");
  v.register_household(9, "Li again");
  CHECK(v.kept() == "3 of 3");
  CHECK(v.phone.read("SELECT head FROM household ORDER BY head") ==
        "Li again\nmade on another screen before");
  acknowledge(v.phone, rejecting(5, 5, ErrorCode::rule_broken));
  CHECK(v.phone.read("SELECT count(*) FROM household") == "1");
}

TEST_CASE("a clock falls back: an edit of a new family with a lower id follows its insert") {
  Village v;
  v.register_household(20, "Li");
  v.phone.run("UPDATE household SET phone = '222' WHERE head = 'Li'");
  v.hub.put(
      "household", row_id(20),
      {{"village", Value::text("v1")}, {"head", Value::text("Li")}, {"phone", Value::text("222")}});
  CHECK(apply(v.phone, v.hub.commit(Sequence{2})).differing.empty());
  CHECK(v.kept() == "0 of 0");
  v.register_household(7, "Zhao");
  v.phone.run("UPDATE household SET phone = '333' WHERE head = 'Zhao'");
  CHECK(v.kept() == "1 of 1");
  CHECK(v.receipt(7).transaction == Sequence{4});
  // The township lets go of both; nothing of the family stays as if it had come from there.
  acknowledge(v.phone, rejecting(3, 3, ErrorCode::scope_denied));
  acknowledge(v.phone, rejecting(4, 4, ErrorCode::scope_denied));
  CHECK(v.phone.read("SELECT head FROM household ORDER BY head") == "Li\nWang");
}

TEST_CASE("families of one transaction, some with ids that do not rise, are all found") {
  Village v;
  v.register_household(20, "Li");
  v.phone.run(
      "INSERT INTO household (id, village, head) VALUES (:a, 'v1', 'A'), (:b, 'v1', 'B'),"
      " (:c, 'v1', 'C')",
      {{"a", Value::blob(row_id(22).view())},
       {"b", Value::blob(row_id(19).view())},
       {"c", Value::blob(row_id(21).view())}});
  CHECK(v.kept() == "1 of 4");
  for (const int id : {19, 21, 22}) CHECK(v.receipt(id).transaction == Sequence{2});
}

}  // namespace doorstep::test
