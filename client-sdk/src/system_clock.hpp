// The clocks of the machine that the SDK runs on (Linux and Android; other systems get their own
// file).
#pragma once

#include "engine/ports/clock.hpp"

namespace doorstep {

/// Wall clock: CLOCK_REALTIME. Boot clock: CLOCK_BOOTTIME, which goes on in sleep. Boot id: from
/// /proc/sys/kernel/random/boot_id; where that cannot be read, a random one for this process, so
/// that times of different runs are never compared as if they were of one boot. Thread-safe.
class SystemClock final : public Clock {
 public:
  /// `wall_offset_ms` is added to the wall clock: how tests make a phone's clock wrong.
  explicit SystemClock(std::int64_t wall_offset_ms = 0);
  [[nodiscard]] ClockProbe read() const override;

 private:
  BootId boot_;
  std::int64_t wall_offset_ms_;
};

}  // namespace doorstep
