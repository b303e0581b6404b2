// Lets one writer of a Replica in at a time; unlike a mutex, whoever came in may leave on another
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace doorstep {

class WriteGate {
 public:
  /// False when the time is over.
  [[nodiscard]] bool enter(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (!left_.wait_for(lock, wait, [this] { return !inside_; })) return false;
    inside_ = true;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      inside_ = false;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  bool inside_ = false;
};

}  // namespace doorstep
