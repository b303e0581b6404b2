// A volunteer whose card has little left: real programs, real sockets, counted bytes.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

constexpr std::int64_t budget = 16'000;

struct MeteredPhone {
  ScratchFolder folder{"metered-phone"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};

  MeteredPhone() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    const Finished loaded = hub.command({"load", "--sample", "dushi"});
    REQUIRE_MESSAGE(loaded.status == 0, loaded.err);
    hub.serve();
    const Finished enrolled = wang.enrol(hub);
    REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
  }
};

std::int64_t bytes_of(const Json& line) {
  return line.number("bytes_sent") + line.number("bytes_received");
}

/// All reasons of an object {"greeting":{"sent":..,"received":..}, .., "total":{..}}, and its
/// total.
struct Sums {
  std::int64_t reasons = 0;
  std::int64_t total = 0;
};
Sums sums_of(const Json& traffic) {
  Sums sums;
  for (const char* reason :
       {"greeting", "push", "resent", "outcomes", "rows", "repair", "kept", "other"}) {
    const Json one(traffic.text(reason));
    sums.reasons += one.number("sent") + one.number("received");
  }
  const Json total(traffic.text("total"));
  sums.total = total.number("sent") + total.number("received");
  return sums;
}

}  // namespace

TEST_CASE_FIXTURE(MeteredPhone,
                  "a village comes in parts of 16 kB: each sync stays within, says what waits, and "
                  "the last one is up to date; every byte has a reason") {
  std::int64_t spent = 0;
  std::int64_t waited = 1'000'000;
  int days = 0;
  for (;; ++days) {
    REQUIRE(days < 60);
    const Finished done =
        wang.command({"sync", "--json", "--max-bytes", "16K", "--attempts", "20"});
    REQUIRE_MESSAGE(done.status == 0, done.err);
    const Json last = last_json(done);
    CHECK(bytes_of(last) <= budget);
    const Sums sums = sums_of(Json(last.text("traffic")));
    CHECK(sums.total == bytes_of(last));
    CHECK(sums.reasons == sums.total);
    spent += bytes_of(last);
    if (last.boolean("up_to_date")) break;
    CHECK(last.boolean("budget_used"));
    CHECK(last.number("transactions_waiting") == 0);
    CHECK(last.number("rows_waiting") < waited);
    waited = last.number("rows_waiting");
    CHECK(wang.read("select count(*) from resident") == "0");
  }
  CHECK(days >= 2);
  CHECK(wang.command({"verify"}).status == 0);
  const Json traffic(wang.status().text("traffic"));
  CHECK(sums_of(Json(traffic.text("ever"))).total == spent);
  CHECK(sums_of(Json(traffic.text("today"))).total <= spent);
}

TEST_CASE_FIXTURE(MeteredPhone,
                  "a person reads what there is to send before a small sync, and what waits after "
                  "it; too little says how much is enough; nonsense is refused") {
  const Finished some = wang.command({"sync", "--max-bytes", "10K"});
  CHECK(some.status == 0);
  CHECK(some.out.find("To send: 0 transactions") != std::string::npos);
  CHECK(some.out.find("budget used: 0 transactions, ") != std::string::npos);
  const Finished next = wang.command({"sync", "--max-bytes", "10K"});
  CHECK(next.out.find("To receive, as of the last time: ") != std::string::npos);
  CHECK(wang.command({"status"}).out.find("the township's rows: ") != std::string::npos);
  const Finished whole = wang.sync();
  REQUIRE_MESSAGE(whole.status == 0, whole.err);
  const Finished written = wang.sql(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) values "
      "(uuid7(), (select min(id) from household), 'Wang', '2026-03-03', 0, 'festival', "
      "hex(randomblob(15000)))");
  REQUIRE_MESSAGE(written.status == 0, written.err);
  const Finished little = wang.command({"sync", "--max-bytes", "2K"});
  CHECK(little.status == 1);
  CHECK(little.out.find("To send: 1 transactions") != std::string::npos);
  CHECK(little.err.find("the byte budget is too small for anything") != std::string::npos);
  CHECK(little.err.find(" bytes") != std::string::npos);
  CHECK(wang.status().number("pending") == 1);
  const Finished enough = wang.command({"sync", "--json", "--max-bytes", "64K"});
  CHECK(enough.status == 0);
  CHECK(last_json(enough).boolean("up_to_date"));
  for (const char* nonsense : {"much", "64Q", "-3", "900", "99999999999999999999G"}) {
    CAPTURE(nonsense);
    const Finished refused = wang.command({"sync", "--max-bytes=" + std::string(nonsense)});
    CHECK(refused.status == 2);
  }
  CHECK(wang.command({"sync", "--live", "--max-bytes", "64K"}).status == 2);
}
