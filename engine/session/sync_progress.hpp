// How far a sync has come. Plain data.
#pragma once

#include <cstdint>
#include <optional>

namespace doorstep {

/// Progress as an app may show it. `pushed` and `pulled` never pass their totals. A session fills
/// in what it knows of its connection; RunProgress makes of that what holds for a whole run, and
/// what an app is told: there `pushed`, `pulled`, `bytes` and `percent` never go back.
struct SyncProgress {
  std::uint64_t pushed = 0;  ///< transactions that became durable at the hub
  std::uint64_t push_total = 0;
  std::uint64_t pulled = 0;  ///< rows received
  /// `pulled` and what the hub says is still to come; 0 before it has said so. An estimate: the hub
  /// counts at most limits::feed_count_max ahead, and its feed grows while it is read.
  std::uint64_t pull_total = 0;
  /// Rows of the same pull that were here before, staged when an earlier connection broke; not in
  /// `pulled`.
  std::uint64_t pulled_before = 0;
  std::uint64_t bytes = 0;  ///< on the wire so far, both ways, with frame headers
  /// Bytes still to come, an estimate: what a transaction and a row have weighed so far, times
  /// those that are left. Nothing before there is anything to go by.
  std::optional<std::uint64_t> bytes_left = std::nullopt;
  /// 0 to 100. 100 only when all is done: nothing pending, checkpoint applied, digests equal.
  std::uint32_t percent = 0;
  /// An estimate: `bytes_left` at the rate of this run so far; nothing in its first second.
  std::optional<std::uint64_t> seconds_left = std::nullopt;

  /// Work done and still to do, in transactions and rows.
  [[nodiscard]] std::uint64_t done() const { return pushed + pulled; }
  [[nodiscard]] std::uint64_t left() const {
    return (push_total - pushed) + (pull_total > pulled ? pull_total - pulled : 0);
  }
};

/// Whether there is anything new to show: bytes alone are not.
[[nodiscard]] inline bool same_counts(const SyncProgress& a, const SyncProgress& b) {
  return a.pushed == b.pushed && a.push_total == b.push_total && a.pulled == b.pulled &&
         a.pull_total == b.pull_total && a.pulled_before == b.pulled_before;
}

}  // namespace doorstep
