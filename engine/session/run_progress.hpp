// The progress of one run of a sync over all its connections, as an app is told. Pure: the clock is
// the caller's. One thread.
//
// Percent: each step of work moves the bar by its share of what is left of the bar. With a total
// that does not change this is the plain share of the whole; when the total grows on the way the
// bar slows down, and never goes back. As long as nobody knows how many rows are to come they count
// as much as the transactions that are to go.
#pragma once

#include <optional>

#include "engine/core/time.hpp"
#include "engine/session/sync_progress.hpp"

namespace doorstep {

class RunProgress {
 public:
  explicit RunProgress(Instant began) : began_(began) {}

  /// Another connection: its counts begin at zero again.
  void connected();
  /// What its session says, and when, by a clock that does not go back.
  void take(const SyncProgress& seen, Instant now);
  /// All is done: 100 percent. The next work begins a new bar (a live sync goes on).
  void up_to_date();

  [[nodiscard]] const SyncProgress& shown() const { return shown_; }

 private:
  void move_bar(const SyncProgress& seen);

  Instant began_;
  SyncProgress before_;  // sums of connections that are over
  SyncProgress last_;    // of the connection that is open
  SyncProgress shown_;
  std::uint64_t bar_left_ = bar;     // of `bar`
  std::uint64_t staged_before_ = 0;  // when the run began
  bool bar_done_ = false;

  static constexpr std::uint64_t bar = 1'000'000'000;
};

}  // namespace doorstep
