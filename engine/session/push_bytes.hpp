// What a push counts against the window of unacknowledged bytes. Pure.
#pragma once

#include <vector>

#include "engine/wire/message.hpp"

namespace doorstep {

/// The bytes of its bodies.
[[nodiscard]] inline std::uint64_t bytes_in(const Push& push) {
  std::uint64_t bytes = 0;
  for (const Bytes& body : push.bodies) bytes += body.size();
  return bytes;
}

/// Pushes that wait for an answer, oldest first: at a device for the hub's, at a hub for its merge
/// writer's.
class PushesWaiting {
 public:
  void add(Sequence last, std::uint64_t bytes) { pushes_.push_back({last, bytes}); }
  /// Answered, all through this one.
  void forget(Sequence through) {
    while (!pushes_.empty() && pushes_.front().last <= through) forget_oldest();
  }
  /// The oldest is answered. Precondition: not empty.
  void forget_oldest() { pushes_.erase(pushes_.begin()); }
  void clear() { pushes_.clear(); }
  /// The device knows that these are durable: their bytes no longer count.
  void told(Sequence through) {
    for (One& one : pushes_) {
      if (one.last <= through) one.bytes = 0;
    }
  }
  [[nodiscard]] bool empty() const { return pushes_.empty(); }
  [[nodiscard]] std::size_t size() const { return pushes_.size(); }
  /// What counts against the window.
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t bytes = 0;
    for (const One& one : pushes_) bytes += one.bytes;
    return bytes;
  }

 private:
  struct One {
    Sequence last;
    std::uint64_t bytes = 0;
  };
  std::vector<One> pushes_;  // a handful at most, and nothing while none waits
};

}  // namespace doorstep
