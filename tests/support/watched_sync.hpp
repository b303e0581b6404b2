// A real sync that is watched by the lines it prints, and cut at a percent of them.
#pragma once

#include <cstdint>
#include <functional>

#include "tests/support/cast.hpp"

namespace doorstep::test {

/// What the lines of one `doorstep sync --json` said until it ended.
struct WatchedSync {
  std::uint64_t lines = 0;   ///< of progress
  std::uint64_t pushed = 0;  ///< these four: over all its connections
  std::uint64_t pulled = 0;
  std::uint64_t push_total = 0;  ///< of the first connection
  std::uint64_t pull_total = 0;
  bool passed_the_end = false;  ///< a line counted more than its total
  bool fell_back = false;       ///< a line said fewer percent than the one before
  bool up_to_date = false;      ///< said at the end
  std::uint64_t bytes_sent = 0;
  int status = -1;  ///< as in Finished
};

/// Syncs, and calls `at_percent` once: at the first line that has gone on from where the sync began
/// and has come to `percent` of what there is to send and to receive.
[[nodiscard]] WatchedSync watch_sync(const Phone& phone, int percent,
                                     const std::function<void(Process&)>& at_percent);
/// The same, killed with SIGKILL there.
[[nodiscard]] WatchedSync kill_sync_at(const Phone& phone, int percent);
/// The same, left in peace.
[[nodiscard]] WatchedSync watch_sync(const Phone& phone);

}  // namespace doorstep::test
