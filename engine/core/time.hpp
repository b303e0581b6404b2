// Time as data. Nothing here reads a clock: callers pass what their clock port said.
// All times are milliseconds; an Instant counts from the Unix epoch, UTC.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/ids.hpp"

namespace doorstep {

/// A moment on the clock of whoever calls (the hub's, a device's, or the simulator's).
struct Instant {
  std::int64_t ms = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

[[nodiscard]] inline Instant operator+(Instant t, std::int64_t ms) { return {t.ms + ms}; }
[[nodiscard]] inline std::int64_t operator-(Instant a, Instant b) { return a.ms - b.ms; }

/// RFC 3339, UTC, milliseconds: "2026-11-21T08:00:00.000Z". Years 0000 to 9999, clamped.
[[nodiscard]] std::string to_rfc3339(Instant t);

/// What a device's clocks say at one moment. `boot_ms` counts since this boot and goes on in sleep
/// where the system can; `wall_ms` is whatever the phone shows and may be years off.
struct ClockProbe {
  std::int64_t wall_ms = 0;
  BootId boot;
  std::int64_t boot_ms = 0;
  friend bool operator==(const ClockProbe&, const ClockProbe&) = default;
};

/// What a transaction says about when it was made: the clocks, and the last hub time that the
/// device had seen (zero when it never met one). Part of the transaction's identity; never
/// corrected in place.
struct ClaimedTime {
  ClockProbe clock;
  Instant hub_seen;
  friend bool operator==(const ClaimedTime&, const ClaimedTime&) = default;
};

/// When a change was made, on the hub's clock: an interval, usually a point. Values are hybrid
/// logical clock times (Kulkarni et al., "Logical Physical Clocks", 2014): milliseconds << 16 |
/// counter, so that "one later" exists between two milliseconds. Ordered by `hi`; ties are broken
/// by author, never here.
struct Stamp {
  std::int64_t lo = 0;
  std::int64_t hi = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
  [[nodiscard]] static Stamp at(Instant t) { return {t.ms << 16, t.ms << 16}; }
  [[nodiscard]] Instant earliest() const { return {lo >> 16}; }
  [[nodiscard]] Instant latest() const { return {hi >> 16}; }
  /// True when it cannot be said which of the two came first.
  [[nodiscard]] bool overlaps(const Stamp& other) const { return lo <= other.hi && other.lo <= hi; }
  /// This stamp, moved so that it is at least one tick after `replaced` (causally later always
  /// stands).
  [[nodiscard]] Stamp raised_after(const Stamp& replaced) const;
};

/// The stamp of one transaction, judged when the device's probe met the hub's clock (DESIGN section
/// 5, SEMANTICS F1). Never after `hub_now`.
///   same boot:        hub_now minus the age on the boot clock, a point, whatever the wall clock
///   did; an earlier boot:  it lies between `claimed.hub_seen` and the moment this boot began. The
///   wall clock,
///                     corrected by the offset measured now, is the end of the interval when it
///                     falls between these two (a clock that is steadily wrong, by years too, is so
///                     put right); when it falls outside, the clock was set in between, says
///                     nothing, and the stamp is the whole interval: it overlaps what was written
///                     meanwhile, and says so.
/// An unknown (zero) boot id counts as another boot. Absurd claims are held at the ends, never
/// overflow.
[[nodiscard]] Stamp stamp_of(const ClaimedTime& claimed, const ClockProbe& probe, Instant hub_now);

/// Makes the stamps of one device rise with its sequence: clamped backward from the newest, then
/// kept above `previous`, the stamp of its last transaction that was merged before.
void make_rising(std::span<Stamp> stamps, const Stamp& previous);

}  // namespace doorstep
