#include "engine/core/backoff.hpp"

#include <doctest/doctest.h>

#include <vector>

using doorstep::Backoff;

namespace {

std::uint64_t highest(std::uint64_t bound) { return bound - 1; }
std::uint64_t lowest(std::uint64_t) { return 0; }

}  // namespace

TEST_CASE("the longest delay doubles with each attempt up to the cap and stays there") {
  Backoff backoff(500, 6000);
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 6; ++i) delays.push_back(backoff.next(highest));
  CHECK(delays == std::vector<std::int64_t>{500, 1000, 2000, 4000, 6000, 6000});
  CHECK(backoff.attempts() == 6);
}

TEST_CASE("full jitter: any attempt may also be drawn as no delay at all") {
  Backoff backoff(500, 6000);
  CHECK(backoff.next(lowest) == 0);
  CHECK(backoff.next(lowest) == 0);
}

TEST_CASE("a session that reached a checkpoint starts over") {
  Backoff backoff(500, 6000);
  for (int i = 0; i < 5; ++i) CHECK(backoff.next(highest) > 0);
  backoff.reset();
  CHECK(backoff.attempts() == 0);
  CHECK(backoff.next(highest) == 500);
}

TEST_CASE("a busy hub's delay is kept and spread, never shortened") {
  Backoff backoff(500, 6000);
  CHECK(backoff.next_after(10'000, lowest) == 10'000);
  CHECK(backoff.next_after(10'000, highest) == 11'000);
  CHECK(backoff.next_after(-5, lowest) == 0);
}

TEST_CASE("a month of failed attempts neither overflows nor exceeds the cap") {
  Backoff backoff;
  for (int i = 0; i < 100'000; ++i)
    REQUIRE(backoff.next(highest) <= doorstep::limits::backoff_ms_max);
}
