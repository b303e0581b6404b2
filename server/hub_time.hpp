// The hub's clock as a port: the time that stamps, expiries and logs use.
#pragma once

#include "engine/core/time.hpp"

namespace doorstep {

/// Thread-safe.
class HubTime {
 public:
  virtual ~HubTime() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

/// What the operating system says.
class SystemTime final : public HubTime {
 public:
  [[nodiscard]] Instant now() const override;
};

}  // namespace doorstep
