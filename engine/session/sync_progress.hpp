// How far a sync has come. Plain data.
#pragma once

#include <cstdint>

namespace doorstep {

/// Progress as an app may show it; `pushed` and `pulled` never pass their totals.
struct SyncProgress {
  std::uint64_t pushed = 0;  ///< transactions acknowledged on this connection
  std::uint64_t push_total = 0;
  std::uint64_t pulled = 0;      ///< rows received on this connection
  std::uint64_t pull_total = 0;  ///< estimate: pulled + remaining
  friend bool operator==(const SyncProgress&, const SyncProgress&) = default;
};

}  // namespace doorstep
