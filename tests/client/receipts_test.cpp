// Where a volunteer's work is: on the phone, at the township since when, or in need of attention.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

using State = Receipt::State;

const RowId wang = row_id(1);
const Instant said{1'700'000'100'000};  // when small_hub's acks are given

Value text(std::string_view value) { return Value::text(value); }

struct Village {
  Village() : phone(folder.file("a.db")) {
    for (std::uint8_t i = 1; i <= 3; ++i) {
      hub.put("household", row_id(i), {{"village", text("v1")}, {"phone", text("111")}});
    }
    apply(phone, hub.commit());
  }
  Receipt of(std::uint8_t number) {
    auto found = phone.replica().receipt("household", Value::blob(row_id(number).view()));
    REQUIRE_MESSAGE(found.ok(), found.error().text());
    return *std::move(found);
  }
  Receipt transaction(std::uint64_t sequence) {
    auto found = phone.replica().receipt(Sequence{sequence});
    REQUIRE_MESSAGE(found.ok(), found.error().text());
    return *std::move(found);
  }
  RecordReceipts all() { return phone.replica().receipts().value(); }
  void edit(std::uint8_t number, const std::string& value) {
    phone.run("UPDATE household SET phone = '" + value + "' WHERE id = :id", {id_binding(number)});
  }

  Folder folder;
  Phone phone;
  SmallHub hub;
};

Ack at_position(std::uint64_t through, Position position, std::int64_t minutes_later = 0) {
  Ack ack = ack_through(through);
  ack.position = position;
  ack.now = said + minutes_later * 60'000;
  return ack;
}

}  // namespace

TEST_CASE("a record goes from this phone to the township, with position and time, over restarts") {
  Village v;
  CHECK(v.of(1).state == State::at_township);
  CHECK(v.of(1).position == v.hub.head());
  CHECK(v.of(1).transaction == Sequence{});
  v.edit(1, "222");
  v.edit(1, "333");
  v.phone.restart();
  CHECK(v.of(1).state == State::on_this_phone);
  CHECK(v.of(1).transaction == Sequence{2});
  CHECK_FALSE(v.of(1).at.has_value());
  CHECK(v.all().on_this_phone == 1);
  REQUIRE(v.all().records.size() == 1);
  CHECK(v.all().records[0].table == "household");
  CHECK(v.all().records[0].key == Value::blob(wang.view()));

  acknowledge(v.phone, at_position(1, Position::of(1, 7)));
  CHECK(v.transaction(1).state == State::at_township);
  CHECK(v.transaction(1).position == Position::of(1, 7));
  CHECK(v.transaction(1).at == said);
  CHECK(v.of(1).state == State::on_this_phone);
  acknowledge(v.phone, at_position(2, Position::of(1, 9), 5));
  v.phone.restart();
  CHECK(v.of(1).state == State::at_township);
  CHECK(v.of(1).position == Position::of(1, 9));
  CHECK(v.of(1).at == said + 300'000);
  CHECK(v.transaction(1).position == Position::of(1, 7));
  CHECK(v.all().records.empty());
  CHECK(v.all().at_township == 1);

  // Confirmed: nothing is kept of the row, the last checkpoint answers for it.
  v.hub.change("household", wang, {{"phone", text("333")}});
  apply(v.phone, v.hub.commit(Sequence{2}));
  CHECK(v.of(1).state == State::at_township);
  CHECK(v.of(1).position == v.hub.head());
  CHECK(v.of(1).at.has_value());
  CHECK(v.all().at_township == 0);
  CHECK(v.phone.read("SELECT count(*) FROM ds_pending") == "0");
  CHECK(v.transaction(1).position == Position::of(1, 7));
  CHECK_FALSE(v.transaction(1).at_county.has_value());
}

TEST_CASE("an ack that does not say its commit gets it from the checkpoint that includes it") {
  Village v;
  v.edit(1, "222");
  acknowledge(v.phone, ack_through(1));
  CHECK(v.transaction(1).state == State::at_township);
  CHECK(v.transaction(1).position == Position{});
  v.hub.change("household", wang, {{"phone", text("222")}});
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.transaction(1).position == v.hub.head());
  CHECK(v.transaction(1).at == said);
}

TEST_CASE("a refused edit needs attention and says why, until it is sent again or given up") {
  Village v;
  v.edit(1, "222");
  v.edit(2, "222");
  Ack ack = rejecting(2, 1, ErrorCode::rule_broken);
  ack.items[0].outcome.broken = BrokenRule{"household", "rule", wang, "that number is taken", {}};
  acknowledge(v.phone, ack);
  CHECK(v.of(1).state == State::needs_attention);
  CHECK(v.of(1).why == "that number is taken");
  CHECK(v.of(1).transaction == Sequence{1});
  CHECK(v.transaction(1).state == State::needs_attention);
  CHECK(v.of(2).state == State::at_township);
  CHECK(v.all().needs_attention == 1);
  REQUIRE(v.phone.replica().retry(Sequence{1}).ok());
  CHECK(v.of(1).state == State::on_this_phone);
  // The old number leads to the new one.
  CHECK(v.transaction(1).state == State::on_this_phone);
  CHECK(v.transaction(1).transaction == Sequence{3});
  acknowledge(v.phone, rejecting(3, 3, ErrorCode::rule_broken));
  REQUIRE(v.phone.replica().discard(Sequence{3}).ok());
  CHECK(v.transaction(1).state == State::discarded);
  CHECK(v.of(1).state == State::at_township);
}

TEST_CASE("an open conflict needs attention") {
  Village v;
  ConflictRecord record;
  record.id = ConflictId{{3}};
  record.table = "household";
  record.row = row_id(2);
  record.column = "phone";
  record.state = ConflictState::open;
  v.hub.add_conflict(record);
  apply(v.phone, v.hub.commit());
  CHECK(v.of(2).state == State::needs_attention);
  CHECK(v.of(2).why == "two values of phone met");
  CHECK(v.of(1).state == State::at_township);
  CHECK(v.all().needs_attention == 1);
}

TEST_CASE("what the township puts off stays on this phone and says for what it waits") {
  Village v;
  v.edit(1, "222");
  Ack ack = ack_through(0);
  Outcome later;
  later.kind = Outcome::Kind::not_yet;
  later.reason = error(ErrorCode::hub_too_old, "table drone");
  ack.items.push_back({Sequence{1}, later});
  acknowledge(v.phone, ack);
  CHECK(v.of(1).state == State::on_this_phone);
  CHECK(v.of(1).why.find("drone") != std::string::npos);
}

TEST_CASE("records and transactions that never were are not found") {
  Village v;
  const auto& no_row = v.phone.replica().receipt("household", Value::blob(row_id(9).view()));
  CHECK(no_row.error().code == ErrorCode::not_found);
  CHECK(v.phone.replica().receipt("drone", text("x")).error().code == ErrorCode::unknown_table);
  CHECK(v.phone.replica().receipt(Sequence{}).error().code == ErrorCode::not_found);
  CHECK(v.phone.replica().receipt(Sequence{1}).error().code == ErrorCode::not_found);
}

TEST_CASE(
    "only so many acks are remembered: older work shows a later commit, which is still true") {
  Village v;
  const std::size_t last = 100 + limits::receipts_kept_max;
  for (std::size_t i = 0; i < 10; ++i) v.edit(1, std::to_string(i));
  auto db = sqlite::Database::open(v.phone.path(), {});
  REQUIRE(db.ok());
  REQUIRE(db->run("BEGIN; WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n"
                  " WHERE i < " +
                  std::to_string(last) + ") INSERT INTO ds_receipt SELECT i, i, i FROM n; COMMIT")
              .ok());
  acknowledge(v.phone, at_position(1, Position::of(1, 7)));
  CHECK(v.phone.read("SELECT count(*) FROM ds_receipt") ==
        std::to_string(limits::receipts_kept_max));
  CHECK(v.transaction(1).state == State::at_township);
}

}  // namespace doorstep::test
