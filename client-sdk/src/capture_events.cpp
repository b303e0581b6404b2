#include "client-sdk/src/capture_events.hpp"

namespace doorstep {

void CaptureEvents::clear() {
  events_.clear();
  marks_.clear();
}

void CaptureEvents::mark(int savepoint) {
  release(savepoint);  // numbers are reused by later savepoints of the same depth
  marks_.emplace_back(savepoint, events_.size());
}

void CaptureEvents::cut_to(int savepoint) {
  release(savepoint + 1);
  // Opened before the first event of this transaction: nothing is older.
  const std::size_t keep =
      !marks_.empty() && marks_.back().first == savepoint ? marks_.back().second : 0;
  events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(keep), events_.end());
}

void CaptureEvents::release(int savepoint) {
  while (!marks_.empty() && marks_.back().first >= savepoint) marks_.pop_back();
}

}  // namespace doorstep
