// A payout that would overdraw the village's fund, in the middle of a thousand transactions: real
// processes, from the refusal to the corrected entry.
#include <doctest/doctest.h>

#include <doorstep/replica.hpp>
#include <fstream>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct FundDay {
  ScratchFolder folder{"fund-day"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "王秀兰"};
  Phone li{folder.file("li.db"), "李建国"};

  FundDay() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    hub.serve();
    for (const Phone* phone : {&wang, &li}) REQUIRE(phone->enrol(hub).status == 0);
  }
};

std::string entry(std::int64_t fen, const std::string& kind, const std::string& purpose) {
  return "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose) values "
         "(uuid7(), '" +
         dushi + "', '2026-11-21', " + std::to_string(fen) + ", '" + kind + "', '" + purpose + "')";
}

void write(const Phone& phone, const std::string& sql) {
  const Finished done = phone.command({"sql", sql, "--normal"});
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

/// The same, so many transactions of one app that stays open.
void write_many(const Phone& phone, int count, const std::string& sql) {
  doorstep::ReplicaOptions options;
  options.synchronous = doorstep::Synchronous::normal;
  const auto replica = doorstep::Replica::open(phone.file(), options);
  REQUIRE(replica.ok());
  for (int i = 0; i < count; ++i) {
    const auto done = replica.value()->execute(sql);
    REQUIRE_MESSAGE(done.ok(), done.error().text());
  }
}

void sync_all(const std::vector<const Phone*>& phones) {
  for (const Phone* phone : phones) {
    const Finished synced = phone->sync();
    REQUIRE_MESSAGE(synced.status == 0, synced.err);
  }
}

std::vector<Json> lines(const Phone& phone, const std::vector<std::string>& arguments) {
  const Finished done = phone.command(arguments);
  REQUIRE_MESSAGE(done.status == 0, done.err);
  return json_lines(done.out);
}

const std::string sums = "select count(*) || ' ' || sum(amount_fen) from fund_entry";

}  // namespace

TEST_CASE_FIXTURE(
    FundDay,
    "one of a thousand transactions overdraws the fund: 999 are in, one is listed with "
    "its rule and message, is corrected and sent again, and nothing is doubled") {
  write(wang, entry(50'000, "donation", "general"));
  write_many(wang, 499, entry(100, "donation", "general"));
  write(wang, entry(-200'000, "payout", "elders"));
  write_many(wang, 499, entry(-50, "payout", "hardship"));
  CHECK(wang.status().number("pending") == 1000);
  sync_all({&wang, &li});

  CHECK(plain_read(hub.database(), sums) == "999 " + std::to_string(50'000 + 49'900 - 24'950));
  CHECK(wang.read(sums) == li.read(sums));
  const Json status = wang.status();
  CHECK(status.number("pending") == 0);
  CHECK(status.number("rejected") == 1);
  CHECK(status.boolean("up_to_date"));

  const auto rejected = lines(wang, {"rejected", "--json"});
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].number("sequence") == 501);
  CHECK(rejected[0].text("code") == "rule_broken");
  CHECK(rejected[0].text("rule") == "not_overdrawn");
  CHECK(rejected[0].text("message").find("余额不足") != std::string::npos);
  const auto shown = lines(wang, {"rejected", "show", "501", "--json"});
  CHECK(shown[0].source().find(R"("column":"amount_fen","now":null,"wanted":-200000)") !=
        std::string::npos);
  CHECK(shown[0].source().find("balance_fen") != std::string::npos);
  const auto records = lines(wang, {"status", "--records", "--json"});
  REQUIRE(records.size() == 2);
  CHECK(records[0].text("state") == "needs_attention");
  CHECK(records[0].text("why").find("余额不足") != std::string::npos);
  CHECK(records[1].number("needs_attention") == 1);

  const auto retried =
      lines(wang, {"rejected", "retry", "501", "--set", "amount_fen:=-20000", "--json"});
  CHECK(retried[0].source().find(R"({"was":501,"now":1001})") != std::string::npos);
  CHECK(wang.status().number("rejected") == 0);
  CHECK(wang.status().number("pending") == 1);
  sync_all({&wang, &li});
  const std::string all = "1000 " + std::to_string(50'000 + 49'900 - 24'950 - 20'000);
  CHECK(plain_read(hub.database(), sums) == all);
  CHECK(wang.read(sums) == all);
  CHECK(li.read(sums) == all);
  CHECK(wang.command({"rejected", "retry", "501"}).status == 1);
  sync_all({&wang});
  CHECK(plain_read(hub.database(), sums) == all);
  CHECK(last_json(wang.command({"status", "--records", "--json"})).number("on_this_phone") == 0);
  CHECK(hub.command({"verify"}).status == 0);
  CHECK(wang.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(FundDay,
                  "what was refused is given up, in Chinese and without a number refused") {
  write(wang, entry(-100, "payout", "elders"));
  sync_all({&wang});
  CHECK(wang.read(sums).empty());
  CHECK(wang.command({"rejected", "discard"}).status == 2);
  CHECK(wang.command({"rejected", "discard", "7"}).status == 1);
  CHECK(wang.command({"rejected", "forget", "1"}).status == 2);
  const Finished listed = wang.command({"rejected"});
  CHECK(listed.out.find("not_overdrawn") != std::string::npos);
  REQUIRE(wang.command({"rejected", "discard", "1"}).status == 0);
  CHECK(wang.status().number("rejected") == 0);
  CHECK(lines(wang, {"rejected", "--json"}).empty());
  CHECK(lines(wang, {"rejected", "show", "1", "--json"})[0].text("state") == "discarded");
}

TEST_CASE_FIXTURE(
    FundDay,
    "three payouts are refused; the fund is filled, and all are sent again in one go: "
    "two fit, the third is refused once more") {
  for (int i = 0; i < 3; ++i) write(wang, entry(-100, "payout", "elders"));
  sync_all({&wang});
  CHECK(wang.status().number("rejected") == 3);
  write(li, entry(250, "donation", "general"));
  sync_all({&li, &wang});

  CHECK(wang.command({"rejected", "retry", "1", "--all"}).status == 2);
  CHECK(wang.command({"rejected", "retry", "--all", "--set", "amount_fen:=-1"}).status == 2);
  const Finished retried = wang.command({"rejected", "retry", "--all"});
  CHECK_MESSAGE(retried.status == 0, retried.err);
  CHECK(retried.out.find("1 -> 4\n") < retried.out.find("2 -> 5\n"));
  CHECK(retried.out.find("2 -> 5\n") < retried.out.find("3 -> 6\n"));
  sync_all({&wang, &li});

  CHECK(plain_read(hub.database(), sums) == "3 50");
  CHECK(li.read(sums) == "3 50");
  const auto left = lines(wang, {"rejected", "--json"});
  REQUIRE(left.size() == 1);
  CHECK(left[0].number("sequence") == 6);
  REQUIRE(wang.command({"rejected", "discard", "--all"}).status == 0);
  CHECK(lines(wang, {"rejected", "--json"}).empty());
  CHECK(wang.command({"rejected", "discard", "--all"}).out.find("Nothing was rejected") !=
        std::string::npos);
}

TEST_CASE("a hub is not made with a rule that cannot be asked, and says which") {
  const ScratchFolder folder("bad-rule");
  const std::string schema = folder.file("bad.toml");
  {
    std::ofstream(schema) << "name = \"bad\"\nversion = 1\n[tables.entry]\nscope = \"village\"\n"
                             "[tables.entry.columns]\nvillage = \"text\"\n"
                             "[tables.entry.rules.no_such_column]\n"
                             "broken_if = \"SELECT colour FROM entry WHERE id = :id\"\n"
                             "message = \"no\"\n";
  }
  const TownshipHub hub(folder.file("hub"), schema);
  CHECK(hub.made().status == 1);
  CHECK_MESSAGE(hub.made().err.find("table 'entry', rule 'no_such_column'") != std::string::npos,
                hub.made().err);
}
