#include "server/push_turns.hpp"

#include <utility>

namespace doorstep {

void PushTurns::submitted(const DeviceId& device) {
  const std::scoped_lock lock(mutex_);
  last_of_[device] = ++submitted_;
}

bool PushTurns::wait(const DeviceId& device, Instant until, const Then& then) {
  const std::scoped_lock lock(mutex_);
  const auto last = last_of_.find(device);
  if (last == last_of_.end()) return false;
  waiting_.push_back({last->second, until, then});
  return true;
}

std::vector<PushTurns::Then> PushTurns::answered(std::size_t pushes, Instant now) {
  const std::scoped_lock lock(mutex_);
  answered_ += pushes;
  if (pushes > 0) std::erase_if(last_of_, [&](const auto& one) { return one.second <= answered_; });
  std::vector<Then> due;
  std::vector<Waiting> rest;
  for (Waiting& one : waiting_) {
    if (one.behind <= answered_ || one.until <= now) {
      due.push_back(std::move(one.then));
    } else {
      rest.push_back(std::move(one));
    }
  }
  waiting_ = std::move(rest);
  return due;
}

}  // namespace doorstep
