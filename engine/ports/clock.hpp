// A device's clocks as a port: the wall clock that may be wrong, and the boot clock that cannot go
// back.
#pragma once

#include "engine/core/time.hpp"

namespace doorstep {

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// All three read together.
  [[nodiscard]] virtual ClockProbe read() const = 0;
};

}  // namespace doorstep
