// A clock for tests of the SDK.
#pragma once

#include "engine/ports/clock.hpp"

namespace doorstep::test {

/// A clock that stands still until it is moved.
class SetClock final : public Clock {
 public:
  [[nodiscard]] ClockProbe read() const override { return now; }
  ClockProbe now{1'700'000'000'000, BootId{{1}}, 60'000};
};

}  // namespace doorstep::test
