// SIGKILL at random moments of push, pull and commit, on real files and sockets. What was
// acknowledged or committed must be there exactly once; counters and ledger sums are exact.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/killed_village.hpp"

using namespace doorstep::test;

TEST_CASE(
    "a phone killed a hundred times and its hub a hundred times: nothing lost, nothing doubled") {
  KilledVillage village(20261121);
  REQUIRE(village.all_problems() == "");
  std::size_t rounds = 0;
  // Only who was running when the signal came counts as killed.
  for (; village.hubs_killed() < 100 || village.devices_killed() < 100; ++rounds) {
    REQUIRE(rounds < 1000);
    village.pay(village.a());
    village.pay(village.b());
    village.sync_and_kill(rounds % 10 == 0);
  }
  CHECK(village.payments() == 2 * rounds);
  village.converge();
  village.check();
  CHECK(village.all_problems() == "");
}

TEST_CASE("a phone killed while it pays: ledger and counter have the payment, or neither has it") {
  KilledVillage village(20261122);
  REQUIRE(village.all_problems() == "");
  for (int round = 0; round < 40; ++round) village.pay_and_kill(village.a());
  village.converge();
  village.check();
  CHECK(village.all_problems() == "");
}

TEST_CASE(
    "a phone killed while it writes: a transaction is whole or not there, and never half sent") {
  KilledVillage village(20261123);
  const Phone& a = village.a();
  const Phone& b = village.b();
  for (int round = 0; round < 20; ++round) {
    Process writing =
        a.start({"sql",
                 "insert into fund_entry (id, village_code, kind, amount_fen, purpose, entered_on) "
                 "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
                 "select uuid7(), '" +
                     dushi + "', 'donation', 1, 'half', '2026-11-21' from n"});
    village.sleep_a_little();
    writing.signal(SIGKILL);
    writing.wait();
  }
  village.converge();
  CHECK(village.all_problems() == "");
  const std::string count =
      "select count(*) % 500, count(*) from fund_entry where purpose = 'half'";
  CHECK(a.read(count).starts_with("0|"));
  CHECK(a.read(count) == b.read(count));
  CHECK(a.status().boolean("up_to_date"));
}
