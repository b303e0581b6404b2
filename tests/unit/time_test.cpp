#include "engine/core/time.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>
#include <limits>

using namespace doorstep;

TEST_CASE("times print as RFC 3339 in UTC with milliseconds") {
  CHECK(to_rfc3339({0}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339({1'795'248'000'007}) == "2026-11-21T08:00:00.007Z");
  CHECK(to_rfc3339({-1}) == "1969-12-31T23:59:59.999Z");
  CHECK(to_rfc3339({951'782'400'000}) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("times outside the years 0000 to 9999 print as the nearest one inside") {
  CHECK(to_rfc3339({std::numeric_limits<std::int64_t>::max()}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339({std::numeric_limits<std::int64_t>::min()}) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("a later time never prints as an earlier text") {
  CHECK(rc::check("text order is time order", [] {
    const auto a = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'799'999);
    const auto b = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'799'999);
    RC_ASSERT((a < b) == (to_rfc3339({a}) < to_rfc3339({b})));
    RC_ASSERT(to_rfc3339({a}).size() == 24U);
  }));
}

TEST_CASE(
    "a write that replaces another is stamped at least one tick after it, whatever its own clock "
    "said") {
  const Stamp early = Stamp::at({1000});
  const Stamp late = Stamp::at({5000});
  CHECK(early.raised_after(late).hi == late.hi + 1);
  CHECK(early.raised_after(late).lo == early.raised_after(late).hi);
  CHECK(late.raised_after(early) == late);
  CHECK(late.raised_after(late).hi == late.hi + 1);
  const Stamp wide{Stamp::at({0}).lo, Stamp::at({9000}).hi};
  CHECK(wide.raised_after(late).lo == late.lo + 1);
  CHECK(wide.raised_after(late).hi == wide.hi);
}

TEST_CASE("the stamps of one phone rise with its sequence: clamped backward from the newest") {
  std::vector<Stamp> stamps = {Stamp::at({9000}), Stamp::at({3000}), Stamp::at({5000})};
  make_rising(stamps, Stamp::at({1000}));
  CHECK(stamps[0] == Stamp::at({3000}));
  CHECK(stamps[1].hi == Stamp::at({3000}).hi + 1);
  CHECK(stamps[2] == Stamp::at({5000}));
}

TEST_CASE("the stamps of one phone stay above its last one that was merged before") {
  std::vector<Stamp> stamps = {Stamp::at({1000}), Stamp::at({2000})};
  make_rising(stamps, Stamp::at({8000}));
  CHECK(stamps[0].hi == Stamp::at({8000}).hi + 1);
  CHECK(stamps[1].hi == Stamp::at({8000}).hi + 2);
}

TEST_CASE("make_rising: strictly rising intervals, and already rising points stay as they are") {
  CHECK(rc::check("rises", [](const std::vector<std::pair<std::uint16_t, std::uint16_t>>& claims) {
    std::vector<Stamp> stamps;
    for (const auto& [start, width] : claims) {
      stamps.push_back({Stamp::at({start}).lo, Stamp::at({start + width % 100}).hi});
    }
    make_rising(stamps, Stamp::at({500}));
    Stamp last = Stamp::at({500});
    for (const Stamp& stamp : stamps) {
      RC_ASSERT(stamp.hi > last.hi);
      RC_ASSERT(stamp.lo > last.lo);
      RC_ASSERT(stamp.lo <= stamp.hi);
      last = stamp;
    }
    std::vector<Stamp> again = stamps;
    make_rising(again, Stamp::at({500}));
    RC_ASSERT(again == stamps);
  }));
}
