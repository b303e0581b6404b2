// Work that the township refused, on the phone: shown with rule and values, corrected and sent
// again as a new transaction, or given up.
#include <doctest/doctest.h>

#include <doorstep/rejected.hpp>

#include "engine/core/limits.hpp"
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
  /// The verdict of a rule on one transaction, and of those that depend on it.
  void refuse(std::uint64_t through, std::uint64_t sequence,
              const std::vector<std::uint64_t>& followers = {}) {
    Ack ack = rejecting(through, sequence, ErrorCode::rule_broken);
    ack.items.front().outcome.broken = BrokenRule{"supply",
                                                  "not_empty",
                                                  *RowId::from("oil"),
                                                  "there are not so many",
                                                  {{"boxes", Value::integer(-5)}}};
    for (const std::uint64_t follower : followers) {
      Outcome outcome;
      outcome.kind = Outcome::Kind::depends_on;
      outcome.depends_on = Sequence{sequence};
      ack.items.push_back({Sequence{follower}, outcome});
    }
    acknowledge(phone, ack);
  }
  RejectedDetail detail(std::uint64_t sequence) {
    auto found = phone.replica().rejected_detail(Sequence{sequence});
    REQUIRE_MESSAGE(found.ok(), found.error().text());
    return *std::move(found);
  }
  RetryReport retry(std::uint64_t sequence, const std::string& sql = {},
                    const Bindings& bindings = {}) {
    auto report = phone.replica().retry(Sequence{sequence}, sql, bindings);
    REQUIRE_MESSAGE(report.ok(), report.error().text());
    return *std::move(report);
  }
  std::size_t waiting() { return phone.replica().rejected()->size(); }

  Folder folder;
  Phone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE("a refused transaction is kept with its rule, message, values and every row it wanted") {
  Village v;
  v.phone.run(
      "UPDATE supply SET boxes = boxes - 105;"
      "UPDATE household SET phone = '222', labels = '[\"elder\"]';"
      "INSERT INTO visit (id, household_id, note) SELECT x'000102030405060708090a0b0c0d0e0f', id, "
      "'oil given' FROM household");
  v.refuse(1, 1);
  const auto rejected = v.phone.replica().rejected();
  REQUIRE(rejected.ok());
  REQUIRE(rejected->size() == 1);
  const RejectedInfo& info = rejected->front();
  CHECK(info.kind == Outcome::Kind::rejected);
  CHECK(info.state == RejectedInfo::State::waiting);
  CHECK(info.at == Instant{1'700'000'100'000});
  REQUIRE(info.broken.has_value());
  CHECK(info.broken->rule == "not_empty");
  CHECK(info.broken->message == "there are not so many");
  CHECK(info.broken->values.front().second == Value::integer(-5));
  CHECK(v.phone.read("SELECT rule, state FROM ds_rejected") == "not_empty|waiting");

  const RejectedDetail detail = v.detail(1);
  REQUIRE(detail.rows.size() == 3);
  CHECK(detail.group == std::vector{Sequence{1}});
  CHECK(detail.rows[0].table == "supply");
  CHECK(detail.rows[0].key == text("oil"));
  CHECK(detail.rows[0].key_column == "code");
  CHECK(detail.rows[0].here);
  CHECK(detail.rows[0].columns[0].now == Value::integer(100));
  CHECK(detail.rows[0].columns[0].wanted == Value::integer(-5));
  CHECK(detail.rows[1].columns[0].name == "phone");
  CHECK(detail.rows[1].columns[0].now == text("111"));
  CHECK(detail.rows[1].columns[0].wanted == text("222"));
  CHECK(detail.rows[1].columns[1].wanted == text("[\"elder\"]"));
  CHECK(detail.rows[2].kind == RowChange::Kind::insert);
  CHECK_FALSE(detail.rows[2].here);
  CHECK(detail.rows[2].columns[0].wanted == Value::blob(wang.view()));
  CHECK(v.phone.replica().rejected_detail(Sequence{2}).error().code == ErrorCode::not_found);
}

TEST_CASE("it is corrected and sent again as a new transaction on the rows as they are now") {
  Village v;
  v.phone.run("UPDATE supply SET boxes = boxes - 105");
  v.refuse(1, 1);
  CHECK(v.phone.read("SELECT boxes FROM supply") == "100");
  v.hub.change("supply", *RowId::from("oil"), {{"boxes", Value::integer(40)}});
  apply(v.phone, v.hub.commit(Sequence{1}));
  const RetryReport report = v.retry(1, "UPDATE supply SET boxes = boxes + 75 WHERE code = :code",
                                     {{"code", text("oil")}});
  REQUIRE(report.resent.size() == 1);
  CHECK(report.resent[0].was == Sequence{1});
  CHECK(report.resent[0].now == Sequence{2});
  CHECK_FALSE(report.stopped.has_value());
  CHECK(v.phone.read("SELECT boxes FROM supply") == "10");
  const auto sent = v.phone.sent(Sequence{1});
  REQUIRE(sent.size() == 1);
  CHECK(std::get<CounterDelta>(sent[0].changes[0].cells[0].edit).amount == -30);
  CHECK(sent[0].observed == v.hub.head());
  CHECK(v.waiting() == 0);
  CHECK(v.phone.status().rejected == 0);
  CHECK(v.phone.status().pending == 1);
  CHECK(v.phone.read("SELECT state, resent_as FROM ds_rejected") == "resent|2");
  CHECK(v.phone.replica().retry(Sequence{1}).error().code == ErrorCode::not_found);
}

TEST_CASE("what depends on it is sent again after it, in order, each a transaction of its own") {
  Village v;
  v.phone.run("INSERT INTO household (id, village, head) VALUES (:id, 'v1', 'Li')",
              {id_binding(2)});
  v.phone.run("UPDATE supply SET boxes = 99");
  v.phone.run("UPDATE household SET phone = '222' WHERE head = 'Li'");
  v.phone.run("INSERT INTO visit (id, household_id, note) VALUES (uuid7(), :id, 'first')",
              {id_binding(2)});
  v.refuse(4, 1, {3, 4});
  CHECK(v.phone.read("SELECT count(*) FROM visit") == "0");
  CHECK(v.detail(4).group == std::vector{Sequence{1}, Sequence{3}, Sequence{4}});
  // Asked for one that follows: the whole group goes, the correction to the one asked for.
  const RetryReport report = v.retry(3, "UPDATE household SET phone = '333' WHERE head = 'Li'");
  REQUIRE(report.resent.size() == 3);
  CHECK(report.resent[0].now == Sequence{5});
  CHECK(report.resent[2].now == Sequence{7});
  CHECK(v.phone.read(
            "SELECT head, phone, (SELECT note FROM visit) FROM household WHERE head = 'Li'") ==
        "Li|333|first");
  const auto sent = v.phone.sent(Sequence{4});
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].changes[0].kind == RowChange::Kind::insert);
  CHECK(std::get<Value>(sent[1].changes[0].cells[0].edit) == text("333"));
  CHECK(v.waiting() == 0);
}

TEST_CASE(
    "a retry that cannot be written changes nothing; one in the middle keeps what was before") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.refuse(1, 1);
  const auto failed = v.phone.replica().retry(Sequence{1}, "UPDATE nowhere SET x = 1");
  CHECK(failed.error().code == ErrorCode::sql_error);
  const auto not_filled =
      v.phone.replica().retry(Sequence{1}, "UPDATE household SET verdict = 'x'");
  CHECK(not_filled.error().code == ErrorCode::hub_column);
  CHECK(v.phone.read("SELECT phone FROM household") == "111");
  CHECK(v.waiting() == 1);
  // The household leaves: there is nothing left to update.
  v.hub.remove("household", wang);
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.phone.replica().retry(Sequence{1}).error().code == ErrorCode::not_found);
  CHECK(v.waiting() == 1);
  CHECK(v.phone.status().pending == 0);

  v.phone.run("INSERT INTO household (id, village, head) VALUES (:id, 'v1', 'Li')",
              {id_binding(2)});
  v.phone.run("UPDATE household SET phone = '222' WHERE head = 'Li'");
  v.refuse(3, 2, {3});
  const RetryReport report = v.retry(2, "DELETE FROM household WHERE head = 'Li'");
  REQUIRE(report.resent.size() == 1);
  CHECK(report.resent[0].now == Sequence{});
  CHECK(report.stopped_at == Sequence{3});
  CHECK(report.stopped->code == ErrorCode::not_found);
  CHECK(v.waiting() == 2);
}

TEST_CASE("given up: the record is closed with what depends on it, one that follows goes alone") {
  Village v;
  v.phone.run("INSERT INTO household (id, village, head) VALUES (:id, 'v1', 'Li')",
              {id_binding(2)});
  v.phone.run("UPDATE household SET phone = '222' WHERE head = 'Li'");
  v.phone.run("UPDATE household SET phone = '333' WHERE head = 'Li'");
  v.refuse(3, 1, {2, 3});
  REQUIRE(v.phone.replica().discard(Sequence{3}).ok());
  CHECK(v.waiting() == 2);
  REQUIRE(v.phone.replica().discard(Sequence{1}).ok());
  CHECK(v.waiting() == 0);
  CHECK(v.phone.replica().discard(Sequence{1}).error().code == ErrorCode::not_found);
  CHECK(v.detail(2).info.state == RejectedInfo::State::discarded);
  CHECK(v.phone.status().pending == 0);
  // A repeated verdict does not open it again.
  v.refuse(3, 1, {2, 3});
  CHECK(v.waiting() == 0);
}

TEST_CASE("closed records go after a month, those that wait stay") {
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.phone.run("UPDATE household SET phone = '333'");
  v.refuse(2, 1);
  v.refuse(2, 2);
  REQUIRE(v.phone.replica().discard(Sequence{1}).ok());
  apply(v.phone, v.hub.commit(Sequence{2}));
  CHECK(v.phone.read("SELECT count(*) FROM ds_rejected") == "2");
  Ack later = ack_through(2);
  later.now = later.now + (limits::acked_kept_ms + 1);
  acknowledge(v.phone, later);
  apply(v.phone, v.hub.commit(Sequence{2}));
  CHECK(v.phone.read("SELECT sequence, state FROM ds_rejected") == "2|waiting");
}

TEST_CASE("a closed record stays, however old, until a checkpoint includes its number") {
  // Where a restored hub has not taken all before it again, the phone would offer nothing before
  // it.
  Village v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.phone.run("UPDATE household SET phone = '333'");
  v.refuse(2, 2);
  REQUIRE(v.phone.replica().discard(Sequence{2}).ok());
  Ack later = ack_through(2);
  later.now = later.now + (limits::acked_kept_ms + 1);
  acknowledge(v.phone, later);
  apply(v.phone, v.hub.commit(Sequence{1}));
  CHECK(v.phone.read("SELECT sequence, state FROM ds_rejected") == "2|discarded");
  CHECK(v.phone.read("SELECT unheld FROM ds_state") == "1");
  apply(v.phone, v.hub.commit(Sequence{2}));
  CHECK(v.phone.read("SELECT count(*) FROM ds_rejected") == "0");
  CHECK(v.phone.read("SELECT unheld FROM ds_state") == "2");
}

TEST_CASE("a trigger of the app does not do its work a second time when work is sent again") {
  Village v;
  CHECK(v.phone
            .outside("CREATE TRIGGER counted AFTER UPDATE OF phone ON household BEGIN "
                     "UPDATE supply SET boxes = boxes - 1; END")
            .empty());
  v.phone.restart();
  v.phone.run("UPDATE household SET phone = '222'");
  v.refuse(1, 1);
  CHECK(v.phone.read("SELECT boxes FROM supply") == "100");
  v.retry(1);
  CHECK(v.phone.read("SELECT boxes FROM supply") == "99");
  // After it triggers run as ever.
  v.phone.run("UPDATE household SET phone = '333'");
  CHECK(v.phone.read("SELECT boxes FROM supply") == "98");
}

}  // namespace doorstep::test
