// The bar that a person watches.
#include <doctest/doctest.h>

#include "engine/session/run_progress.hpp"

using namespace doorstep;

namespace {

SyncProgress counted(std::uint64_t pushed, std::uint64_t push_total, std::uint64_t pulled,
                     std::uint64_t pull_total) {
  SyncProgress seen;
  seen.pushed = pushed;
  seen.push_total = push_total;
  seen.pulled = pulled;
  seen.pull_total = pull_total;
  return seen;
}

constexpr Instant start{5'000};

}  // namespace

TEST_CASE(
    "the bar of a sync moves by what was done of what is left, and stands still while more "
    "comes up") {
  RunProgress bar(start);
  bar.connected();
  bar.take(counted(0, 0, 100, 1000), start);
  CHECK(bar.shown().percent == 10);
  bar.take(counted(0, 0, 500, 1000), start);
  CHECK(bar.shown().percent == 50);
  bar.take(counted(0, 0, 500, 100'000), start);  // the hub had counted so far only
  CHECK(bar.shown().percent == 50);
  bar.take(counted(0, 0, 100'000, 100'000), start);
  CHECK(bar.shown().percent == 99);
  bar.up_to_date();
  CHECK(bar.shown().percent == 100);
}

TEST_CASE("work that goes first is half of the bar until the hub says what is to come") {
  RunProgress bar(start);
  bar.connected();
  bar.take(counted(40, 40, 0, 0), start);
  CHECK(bar.shown().percent == 50);
  bar.take(counted(40, 40, 300, 600), start);
  CHECK(bar.shown().percent == 75);
  bar.take(counted(40, 40, 600, 600), start);
  CHECK(bar.shown().percent == 99);
}

TEST_CASE("a link that breaks takes nothing back from the bar, nor from the counts") {
  RunProgress bar(start);
  bar.connected();
  bar.take(counted(0, 0, 600, 1000), start);
  CHECK(bar.shown().percent == 60);
  bar.connected();
  SyncProgress again = counted(0, 0, 100, 400);
  again.pulled_before = 600;
  bar.take(again, start);
  CHECK(bar.shown().percent == 70);
  CHECK(bar.shown().pulled == 700);
  CHECK(bar.shown().pull_total == 1000);
  CHECK(bar.shown().pulled_before == 0);  // it came in this run
}

TEST_CASE("a load that an earlier run had begun goes on from its percent") {
  RunProgress bar(start);
  bar.connected();
  SyncProgress resumed = counted(0, 0, 10, 250);
  resumed.pulled_before = 750;
  bar.take(resumed, start);
  CHECK(bar.shown().percent == 76);
  CHECK(bar.shown().pulled_before == 750);
}

TEST_CASE("how long it takes is told by the rate so far, and not in the first second") {
  RunProgress bar(start);
  bar.connected();
  SyncProgress seen = counted(0, 0, 100, 400);
  seen.bytes = 10'000;
  seen.bytes_left = 30'000;
  bar.take(seen, start + 900);
  CHECK_FALSE(bar.shown().seconds_left.has_value());
  bar.take(seen, start + 2'000);
  CHECK(bar.shown().seconds_left == 6);
}

TEST_CASE("a live sync begins a new bar with the first work after it was up to date") {
  RunProgress bar(start);
  bar.connected();
  bar.take(counted(0, 0, 10, 10), start);
  bar.up_to_date();
  CHECK(bar.shown().percent == 100);
  bar.take(counted(0, 3, 10, 10), start);
  CHECK(bar.shown().percent == 100);  // nothing is done of it yet
  bar.take(counted(1, 3, 10, 10), start);
  CHECK(bar.shown().percent == 33);
}
