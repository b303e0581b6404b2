#include "engine/core/backoff.hpp"

#include <algorithm>
#include <limits>

#include "engine/core/assert.hpp"

namespace doorstep {

std::int64_t Backoff::next(const std::function<std::uint64_t(std::uint64_t)>& below) {
  DS_ASSERT(first_ms_ >= 0 && max_ms_ >= first_ms_);
  std::int64_t ceiling = first_ms_;
  for (std::uint32_t i = 0; i < attempt_ && ceiling < max_ms_ && ceiling > 0; ++i) {
    ceiling = ceiling > max_ms_ / 2 ? max_ms_ : ceiling * 2;
  }
  if (attempt_ < std::numeric_limits<std::uint32_t>::max()) ++attempt_;
  return static_cast<std::int64_t>(below(static_cast<std::uint64_t>(ceiling) + 1));
}

std::int64_t Backoff::next_after(std::int64_t retry_after_ms,
                                 const std::function<std::uint64_t(std::uint64_t)>& below) {
  const std::int64_t jitter = next(below);
  const std::int64_t asked = std::max<std::int64_t>(0, retry_after_ms);
  return asked > std::numeric_limits<std::int64_t>::max() - jitter ? asked : asked + jitter;
}

}  // namespace doorstep
