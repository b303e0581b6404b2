// Reconnect delays with full jitter after the cap (Brooker, "Exponential Backoff And Jitter",
// 2015): a uniform draw from [0, min(cap, first * 2^attempt)], so that a fleet does not come back
// in step. Pure.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/core/limits.hpp"

namespace doorstep {

class Backoff {
 public:
  explicit Backoff(std::int64_t first_ms = limits::backoff_first_ms,
                   std::int64_t max_ms = limits::backoff_ms_max)
      : first_ms_(first_ms), max_ms_(max_ms) {}

  /// The next delay in milliseconds. `below(n)` draws uniformly from [0, n). Each call counts an
  /// attempt.
  [[nodiscard]] std::int64_t next(const std::function<std::uint64_t(std::uint64_t)>& below);
  /// A delay that the hub asked for (busy): at least that long, plus the same jitter.
  [[nodiscard]] std::int64_t next_after(std::int64_t retry_after_ms,
                                        const std::function<std::uint64_t(std::uint64_t)>& below);
  /// A session reached a checkpoint: start over.
  void reset() { attempt_ = 0; }
  [[nodiscard]] std::uint32_t attempts() const { return attempt_; }

 private:
  std::int64_t first_ms_;
  std::int64_t max_ms_;
  std::uint32_t attempt_ = 0;
};

}  // namespace doorstep
