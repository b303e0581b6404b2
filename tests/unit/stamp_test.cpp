// DESIGN section 5 and SEMANTICS F1 as stories: a phone whose wall clock is wrong in every way
// there is.
#include <doctest/doctest.h>

#include <limits>

#include "engine/core/time.hpp"

using namespace doorstep;

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year = 365 * day;
constexpr std::int64_t noon = 1'795'262'400'000;  // 2026-11-21 12:00 on the hub's clock

/// A phone in true time: its wall clock is off by `wall_error`, its boot clock is right.
struct Phone {
  std::int64_t booted_at = noon - 5 * day;
  BootId boot{{1}};
  std::int64_t wall_error = 0;
  Instant hub_seen{noon - 5 * day};

  void reboot(std::int64_t at) {
    booted_at = at;
    boot.bytes[0]++;
  }
  [[nodiscard]] ClockProbe probe(std::int64_t at) const {
    return {at + wall_error, boot, at - booted_at};
  }
  [[nodiscard]] ClaimedTime write(std::int64_t at) const { return {probe(at), hub_seen}; }
};

}  // namespace

TEST_CASE(
    "within one boot the stamp is the true moment: 3 years behind, 2 years ahead, or reset at "
    "noon") {
  for (const std::int64_t error : {-3 * year, 2 * year, std::int64_t{0}, -noon}) {
    Phone phone;
    phone.wall_error = error;
    const ClaimedTime morning = phone.write(noon - 3 * hour);
    phone.wall_error = -noon;  // at noon the wall clock falls to 1970
    const ClaimedTime evening = phone.write(noon + 6 * hour);
    const ClockProbe at_sync = phone.probe(noon + 8 * hour);
    CHECK(stamp_of(morning, at_sync, {noon + 8 * hour}) == Stamp::at({noon - 3 * hour}));
    CHECK(stamp_of(evening, at_sync, {noon + 8 * hour}) == Stamp::at({noon + 6 * hour}));
  }
}

TEST_CASE(
    "across a reboot a clock that is years off but steady is corrected by the measured offset") {
  for (const std::int64_t error : {-3 * year, 2 * year}) {
    Phone phone;
    phone.wall_error = error;
    const ClaimedTime written = phone.write(noon - day);
    phone.reboot(noon);
    const Stamp stamp = stamp_of(written, phone.probe(noon + hour), {noon + hour});
    CHECK(stamp.latest() == Instant{noon - day});
    CHECK(stamp.earliest() == phone.hub_seen);
  }
}

TEST_CASE(
    "a clock that was set between the write and a reboot says nothing: the stamp is the whole "
    "interval") {
  for (const std::int64_t error_then : {-3 * year, 2 * year, -noon}) {
    Phone phone;
    phone.wall_error = error_then;
    const ClaimedTime written = phone.write(noon - day);
    phone.wall_error = 0;  // the volunteer sets it right, then the battery dies
    phone.reboot(noon);
    const Stamp stamp = stamp_of(written, phone.probe(noon + hour), {noon + hour});
    CHECK(stamp.earliest() == phone.hub_seen);
    CHECK(stamp.latest() == Instant{noon});
  }
}

TEST_CASE(
    "reset to 1970 at noon and then rebooted: the morning's work keeps its date, the order stays") {
  Phone phone;
  const ClaimedTime morning = phone.write(noon - 3 * hour);
  phone.wall_error = -noon;
  const ClaimedTime afternoon = phone.write(noon + 2 * hour);
  phone.wall_error = 0;  // the network sets it right
  phone.reboot(noon + 4 * hour);
  const ClaimedTime evening = phone.write(noon + 6 * hour);
  const ClockProbe at_sync = phone.probe(noon + 7 * hour);
  const Instant now{noon + 7 * hour};
  std::vector<Stamp> stamps = {stamp_of(morning, at_sync, now), stamp_of(afternoon, at_sync, now),
                               stamp_of(evening, at_sync, now)};
  make_rising(stamps, Stamp::at(phone.hub_seen));
  CHECK(stamps[0].latest() == Instant{noon - 3 * hour});
  CHECK(stamps[1].latest() == Instant{noon + 4 * hour});
  CHECK(stamps[1].earliest() == phone.hub_seen);
  CHECK(stamps[2] == Stamp::at({noon + 6 * hour}));
  // Another phone, same boot, in the true afternoon: it cannot be said who was first.
  CHECK(stamps[1].overlaps(Stamp::at({noon + 3 * hour})));
  CHECK_FALSE(stamps[2].overlaps(Stamp::at({noon + 3 * hour})));
}

TEST_CASE(
    "work of an earlier boot is never stamped after this boot began nor before the hub was last "
    "seen") {
  Phone phone;
  const ClaimedTime written = phone.write(noon - minute);
  phone.reboot(noon);
  phone.wall_error = 5 * minute;  // corrected, the write would lie 6 minutes before noon
  const Stamp stamp = stamp_of(written, phone.probe(noon + hour), {noon + hour});
  CHECK(stamp.latest() <= Instant{noon});
  CHECK(stamp.latest() == Instant{noon - 6 * minute});
  phone.wall_error = -5 * minute;  // corrected, it would lie 4 minutes after noon
  CHECK(stamp_of(written, phone.probe(noon + hour), {noon + hour}).latest() == Instant{noon});
}

TEST_CASE(
    "a phone that never met a hub: its earlier boot could be any time, and the interval says so") {
  Phone phone;
  phone.hub_seen = {};
  const ClaimedTime written = phone.write(noon - day);
  phone.reboot(noon);
  const Stamp stamp = stamp_of(written, phone.probe(noon + hour), {noon + hour});
  CHECK(stamp.earliest() == Instant{0});
  CHECK(stamp.latest() == Instant{noon - day});
}

TEST_CASE("an unknown boot id counts as another boot, never as the same one") {
  Phone phone;
  phone.boot = {};
  phone.hub_seen = {noon - 9 * day};
  const ClaimedTime written = phone.write(noon - day);
  const Stamp stamp = stamp_of(written, phone.probe(noon), {noon});
  CHECK(stamp.earliest() == phone.hub_seen);
  CHECK(stamp.latest() == Instant{phone.booted_at});
}

TEST_CASE("claims that no clock can make neither overflow nor reach past the hub's now") {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t wall : {Limits::min(), std::int64_t{0}, Limits::max()}) {
    for (const std::int64_t boot : {Limits::min(), std::int64_t{0}, Limits::max()}) {
      for (const std::uint8_t boot_id : {std::uint8_t{1}, std::uint8_t{2}}) {
        const ClaimedTime claimed{{wall, BootId{{boot_id}}, boot}, {wall}};
        const Stamp stamp = stamp_of(claimed, {boot, BootId{{1}}, wall}, {noon});
        CHECK(stamp.lo <= stamp.hi);
        CHECK(stamp.hi <= Stamp::at({noon}).hi);
      }
    }
  }
}
