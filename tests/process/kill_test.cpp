// SIGKILL at random moments of push, pull and commit, on real files and sockets. What was
// acknowledged or committed must be there exactly once; counters and ledger sums are exact.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "engine/ports/random.hpp"
#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

constexpr int kills_each = 100;

struct KillWorld {
  ScratchFolder folder{"kill"};
  TownshipHub hub{folder.file("hub")};
  Phone a{folder.file("a.db"), "A"};
  Phone b{folder.file("b.db"), "B"};
  doorstep::SeededRandom random{20261121};
  std::int64_t boxes_taken = 0;  // what both phones' committed transactions took from the stock
  std::int64_t fen_given = 0;
  int entries = 0;

  KillWorld() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    for (const Phone* phone : {&a, &b}) {
      REQUIRE(phone->enrol(hub).status == 0);
      REQUIRE(phone->sync().status == 0);
    }
  }

  /// One transaction: a ledger entry and a counter move together.
  void pay(const Phone& phone) {
    const auto fen = static_cast<std::int64_t>(1 + random.below(5000));
    const Finished done = phone.sql(
        "insert into fund_entry (id, village_code, kind, amount_fen, purpose, entered_on) "
        "values (uuid7(), '" +
        dushi + "', 'payout', " + std::to_string(-fen) +
        ", 'kill', '2026-11-21');"
        "update supply set stock = stock - 1 where id = (select min(id) from supply)");
    REQUIRE_MESSAGE(done.status == 0, done.err);
    boxes_taken += 1;
    fen_given += fen;
    entries += 1;
  }

  void sleep_a_little() {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(60'000)));
  }

  void check_sums(const std::string& file, std::int64_t stock_before) const {
    CHECK(plain_read(file, "select count(*) from fund_entry where purpose = 'kill'") ==
          std::to_string(entries));
    CHECK(plain_read(file, "select -sum(amount_fen) from fund_entry where purpose = 'kill'") ==
          std::to_string(fen_given));
    CHECK(plain_read(file, "select stock from supply where id = (select min(id) from supply)") ==
          std::to_string(stock_before - boxes_taken));
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    KillWorld,
    "a phone killed a hundred times and its hub a hundred times: nothing lost, nothing doubled") {
  const std::int64_t stock =
      std::stoll(a.read("select stock from supply where id = (select min(id) from supply)"));
  for (int round = 0; round < kills_each; ++round) {
    pay(a);
    pay(b);
    Process syncing_a = a.start({"sync", "--json", "--attempts", "50"});
    Process syncing_b = b.start({"sync", "--json", "--attempts", "50"});
    sleep_a_little();
    syncing_a.signal(SIGKILL);
    sleep_a_little();
    hub.kill();
    syncing_a.wait();
    hub.serve();
    REQUIRE(hub.serving());
    // B finds its hub again by itself now and then; waiting for its back-off each time proves no
    // more.
    if (round % 10 != 0) syncing_b.signal(SIGKILL);
    const int ended = syncing_b.wait();
    CHECK((ended == 0 || (ended == 128 + SIGKILL && round % 10 != 0)));
  }
  for (const Phone* phone : {&a, &b, &a, &b}) {
    const Finished synced = phone->sync();
    REQUIRE_MESSAGE(synced.status == 0, synced.err);
  }
  check_sums(a.file(), stock);
  check_sums(b.file(), stock);
  check_sums(hub.database(), stock);
  const std::string ledger = "select hex(id), amount_fen from fund_entry order by id";
  CHECK(a.read(ledger) == b.read(ledger));
  CHECK(a.read(ledger) == plain_read(hub.database(), ledger));
  for (const Phone* phone : {&a, &b}) {
    CHECK(phone->status().number("pending") == 0);
    CHECK(phone->status().boolean("up_to_date"));
    CHECK(phone->command({"verify"}).status == 0);
  }
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    KillWorld,
    "a phone killed while it writes: a transaction is whole or not there, and never half sent") {
  for (int round = 0; round < 20; ++round) {
    Process writing =
        a.start({"sql",
                 "insert into fund_entry (id, village_code, kind, amount_fen, purpose, entered_on) "
                 "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
                 "select uuid7(), '" +
                     dushi + "', 'donation', 1, 'half', '2026-11-21' from n"});
    sleep_a_little();
    writing.signal(SIGKILL);
    writing.wait();
  }
  REQUIRE(a.sync().status == 0);
  REQUIRE(b.sync().status == 0);
  const std::string count =
      "select count(*) % 500, count(*) from fund_entry where purpose = 'half'";
  CHECK(a.read(count).starts_with("0|"));
  CHECK(a.read(count) == b.read(count));
  CHECK(a.status().boolean("up_to_date"));
}
