// Scenario 8 of the field: the happiness fund holds enough for two payouts, three people pay out
// offline. All entries are kept or refused by the declared rule, the sum is exact everywhere, and
// sending any of it ten times changes nothing.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep::test;
using doorstep::Receipt;
using doorstep::Sequence;

namespace {

struct Fund {
  Township township{"scenario-08"};
  Volunteer wang{township, "王秀兰", dushi, "village_secretary"};
  Volunteer li{township, "李建国", dushi, "village_secretary"};
  Volunteer zhang{township, "张明", dushi, "village_secretary"};
  std::int64_t entries = 0;  ///< there should be

  static void enter(Volunteer& who, std::int64_t fen, const std::string& purpose) {
    who.write(
        "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose,"
        " approver) values (uuid7(), '" +
        dushi + "', '2026-11-20', " + std::to_string(fen) + ", '" +
        (fen < 0 ? "payout" : "donation") + "', '" + purpose + "', '" + who.name() + "')");
  }

  /// The phone syncs; then ten times more it sends the same, as it does when the answers were lost:
  /// a copy from before that sync knows of none.
  void sync_eleven_times(Volunteer& who) const {
    const std::string before = township.file("before.db");
    const Finished kept = run({"sqlite3", who.file(), ".backup '" + before + "'"});
    REQUIRE_MESSAGE(kept.status == 0, kept.err);
    (void)who.sync();
    for (int again = 0; again < 10; ++again) {
      const std::string copy = township.file(who.name() + std::to_string(again) + ".db");
      REQUIRE(run({"cp", before, copy}).status == 0);
      const auto sync = doorstep::Sync::open(copy);
      REQUIRE(sync.ok());
      const auto report = (*sync)->run();
      REQUIRE_MESSAGE(report.ok(), report.error().text());
    }
    REQUIRE(run({"rm", before}).status == 0);
  }

  void check_everywhere(std::int64_t more_entries, std::int64_t balance_fen) {
    const std::string select = "select count(*) || ' ' || sum(amount_fen) from fund_entry";
    const std::string wanted =
        std::to_string(entries + more_entries) + " " + std::to_string(balance_fen);
    CHECK(township.read(select) == wanted);
    for (Volunteer* who : {&wang, &li, &zhang}) CHECK(who->read(select) == wanted);
    check_all_equal(township, {&wang, &li, &zhang});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fund, "scenario-08-fund-ledger-three-payers-offline-enough-for-two") {
  // A thousand yuan lie in the fund.
  entries = std::stoll(wang.read("select count(*) from fund_entry"));
  enter(wang, 100'000 - std::stoll(wang.read("select sum(amount_fen) from fund_entry")), "general");
  all_sync({&wang, &li, &zhang});
  check_everywhere(1, 100'000);

  // Nobody has a signal; each sees a thousand yuan and pays out four hundred.
  for (Volunteer* who : {&wang, &li, &zhang}) {
    enter(*who, -40'000, "elders");
    CHECK(who->read("select sum(amount_fen) from fund_entry") == "60000");
    CHECK(who->replica().receipts()->on_this_phone == 1);
  }

  // They come back to the road one after another; what each sends arrives ten times more.
  for (Volunteer* who : {&wang, &li, &zhang}) sync_eleven_times(*who);
  all_sync({&wang, &li, &zhang});
  check_everywhere(3, 20'000);
  for (Volunteer* who : {&wang, &li, &zhang}) CHECK(who->conflicts().empty());
  CHECK(wang.status().rejected == 0);
  CHECK(li.status().rejected == 0);
  CHECK(wang.replica().receipts()->records.empty());

  // Zhang is told by which rule, and what would have been left.
  const auto refused = zhang.replica().rejected();
  REQUIRE(refused.ok());
  REQUIRE(refused->size() == 1);
  REQUIRE(refused->front().broken.has_value());
  CHECK(refused->front().broken->rule == "not_overdrawn");
  CHECK(refused->front().broken->message.find("幸福基金余额不足") != std::string::npos);
  CHECK(refused->front().broken->values.back().second.display() == "-20000");
  const Sequence number = refused->front().sequence;
  CHECK(zhang.replica().receipt(number)->state == Receipt::State::needs_attention);

  // He pays what there is, and that arrives ten times more, too.
  const auto retried = zhang.replica().retry(
      number, "update fund_entry set amount_fen = -20000 where approver = '张明'");
  REQUIRE_MESSAGE(retried.ok(), retried.error().text());
  sync_eleven_times(zhang);
  all_sync({&wang, &li, &zhang});
  check_everywhere(4, 0);
  CHECK(zhang.status().rejected == 0);
  const auto receipt = zhang.replica().receipt(number);
  CHECK(receipt->state == Receipt::State::at_township);
  CHECK(receipt->transaction == retried->resent.front().now);
  CHECK(receipt->position.value != 0);
  CHECK(receipt->at.has_value());
}
