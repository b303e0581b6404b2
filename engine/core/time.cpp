#include "engine/core/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>

#include "engine/core/defect.hpp"

namespace doorstep {
namespace {

// What shifts into a stamp without overflow; years -2490 to 6429, so far off that nothing real is
// touched.
constexpr std::int64_t stamp_ms_max = (std::int64_t{1} << 47) - 1;

/// Claims come off the wire and may hold anything: sums stop at the ends instead of overflowing.
std::int64_t add(std::int64_t a, std::int64_t b) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (b > 0 && a > Limits::max() - b) return Limits::max();
  if (b < 0 && a < Limits::min() - b) return Limits::min();
  return a + b;
}
std::int64_t subtract(std::int64_t a, std::int64_t b) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (b < 0 && a > Limits::max() + b) return Limits::max();
  if (b > 0 && a < Limits::min() + b) return Limits::min();
  return a - b;
}

Stamp interval(std::int64_t lo_ms, std::int64_t hi_ms) {
  const std::int64_t hi = std::clamp(hi_ms, -stamp_ms_max, stamp_ms_max);
  const std::int64_t lo = std::clamp(lo_ms, -stamp_ms_max, hi);
  return {lo << 16, hi << 16};
}

}  // namespace

std::string to_rfc3339(Instant t) {
  using namespace std::chrono;
  constexpr std::int64_t year_0000_ms = -62'167'219'200'000;
  constexpr std::int64_t year_9999_ms = 253'402'300'799'999;
  const sys_time<milliseconds> point{milliseconds{std::clamp(t.ms, year_0000_ms, year_9999_ms)}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> time{point - day};
  std::array<char, 64> buffer{};
  const int length = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  return {buffer.data(), static_cast<std::size_t>(length)};
}

Stamp Stamp::raised_after(const Stamp& replaced) const {
  Stamp out = *this;
  const bool point = lo == hi;
  out.hi = std::max(hi, add(replaced.hi, 1));
  // What was replaced was there before, so this is no earlier than the earliest that one can have
  // been.
  out.lo = point ? out.hi : std::min(std::max(lo, add(replaced.lo, 1)), out.hi);
  return out;
}

Stamp stamp_of(const ClaimedTime& claimed, const ClockProbe& probe, Instant hub_now) {
  const ClockProbe& then = claimed.clock;
  if (DS_DEFECT("clock_bound_missing")) return interval(then.wall_ms, then.wall_ms);
  if (then.boot == probe.boot && !then.boot.is_none()) {
    const std::int64_t age = std::max<std::int64_t>(0, subtract(probe.boot_ms, then.boot_ms));
    const std::int64_t made = subtract(hub_now.ms, age);
    return interval(made, made);
  }
  const std::int64_t boot_began = subtract(hub_now.ms, std::max<std::int64_t>(0, probe.boot_ms));
  const std::int64_t not_before = std::min(claimed.hub_seen.ms, boot_began);
  const std::int64_t corrected = add(then.wall_ms, subtract(hub_now.ms, probe.wall_ms));
  // A corrected clock outside what is known to be true was set in between and says nothing: then
  // the whole interval is the answer. Its end counts for order, as holding it at its beginning
  // would also drag down (through make_rising) the earlier work of the same phone that is dated
  // well.
  const bool says_nothing = corrected < not_before || corrected > boot_began;
  return interval(not_before, says_nothing ? boot_began : corrected);
}

void make_rising(std::span<Stamp> stamps, const Stamp& previous) {
  for (std::size_t i = stamps.size(); i-- > 1;) {
    Stamp& earlier = stamps[i - 1];
    earlier.hi = std::min(earlier.hi, stamps[i].hi);
    earlier.lo = std::min(earlier.lo, earlier.hi);
  }
  Stamp last = previous;
  for (Stamp& stamp : stamps) {
    if (DS_DEFECT("stamps_not_rising")) continue;
    stamp = stamp.raised_after(last);
    last = stamp;
  }
}

}  // namespace doorstep
