#include "engine/session/run_progress.hpp"

#include <algorithm>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

constexpr std::uint64_t percent_before_the_end = 99;

// Where nobody has said yet how many rows are to come.
std::uint64_t left_at_least(const SyncProgress& seen) {
  const bool pull_known = seen.pull_total > 0;
  return seen.left() + (pull_known ? 0 : std::max<std::uint64_t>(seen.push_total, 1));
}

}  // namespace

void RunProgress::connected() {
  before_.pushed += last_.pushed;
  before_.pulled += last_.pulled;
  before_.bytes += last_.bytes;
  last_ = {};
}

// bar_left_ * left / (step + left), so that equal steps of a whole that does not change are equal
// on the bar. Counts stay far below 2^34, the product below 2^64.
void RunProgress::move_bar(const SyncProgress& seen) {
  std::uint64_t step = seen.done() - last_.done();
  // What an earlier run had staged; from the second connection on it holds rows of this one too.
  if (before_.pulled == 0 && seen.pulled_before > staged_before_) {
    step += seen.pulled_before - staged_before_;
    staged_before_ = seen.pulled_before;
  }
  if (step == 0) return;
  if (bar_done_) {
    bar_done_ = false;
    bar_left_ = bar;
  }
  constexpr std::uint64_t count_max = std::uint64_t{1} << 33;
  const std::uint64_t left = std::min(left_at_least(seen), count_max);
  bar_left_ = bar_left_ * left / (std::min(step, count_max) + left);
}

void RunProgress::take(const SyncProgress& seen, Instant now) {
  move_bar(seen);
  last_ = seen;
  shown_ = seen;
  shown_.pushed += before_.pushed;
  shown_.push_total += before_.pushed;
  shown_.pulled += before_.pulled;
  if (shown_.pull_total > 0) shown_.pull_total += before_.pulled;
  shown_.pull_total = std::max(shown_.pull_total, shown_.pulled);
  shown_.pulled_before = staged_before_;
  shown_.bytes += before_.bytes;
  const std::uint64_t percent = (bar - bar_left_) / (bar / 100);
  shown_.percent =
      bar_done_ ? 100U : static_cast<std::uint32_t>(std::min(percent, percent_before_the_end));
  shown_.seconds_left.reset();
  const std::int64_t took_ms = now - began_;
  if (!shown_.bytes_left || took_ms < limits::progress_rate_ms_min || shown_.bytes == 0) return;
  const double rate = static_cast<double>(shown_.bytes) / static_cast<double>(took_ms);
  shown_.seconds_left =
      static_cast<std::uint64_t>(static_cast<double>(*shown_.bytes_left) / rate / 1000.0);
}

void RunProgress::up_to_date() {
  bar_done_ = true;
  bar_left_ = 0;
  shown_.percent = 100;
  shown_.bytes_left = 0;
  shown_.seconds_left = 0;
}

}  // namespace doorstep
