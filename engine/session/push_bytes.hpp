// What a push counts against the window of unacknowledged bytes. Pure.
#pragma once

#include <deque>

#include "engine/wire/message.hpp"

namespace doorstep {

/// The bytes of its bodies.
[[nodiscard]] inline std::uint64_t bytes_in(const Push& push) {
  std::uint64_t bytes = 0;
  for (const Bytes& body : push.bodies) bytes += body.size();
  return bytes;
}

/// A device's pushes that the hub has not answered, oldest first.
class PushesInFlight {
 public:
  void add(Sequence last, std::uint64_t bytes) { pushes_.push_back({last, bytes}); }
  void forget(Sequence through) {
    while (!pushes_.empty() && pushes_.front().last <= through) pushes_.pop_front();
  }
  void clear() { pushes_.clear(); }
  [[nodiscard]] bool empty() const { return pushes_.empty(); }
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
  std::deque<One> pushes_;
};

/// Pushes that are with the hub's merge writer, oldest first.
class PushesMerging {
 public:
  void add(Sequence last, std::uint64_t bytes) { pushes_.push_back({last, bytes}); }
  /// The device knows that these are durable: their bytes no longer count.
  void told(Sequence through) {
    for (One& one : pushes_) {
      if (one.last <= through) one.bytes = 0;
    }
  }
  /// The oldest is done. Precondition: not empty.
  void answered() { pushes_.pop_front(); }
  [[nodiscard]] bool empty() const { return pushes_.empty(); }
  [[nodiscard]] std::size_t size() const { return pushes_.size(); }
  [[nodiscard]] std::uint64_t unacknowledged() const {
    std::uint64_t bytes = 0;
    for (const One& one : pushes_) bytes += one.bytes;
    return bytes;
  }

 private:
  struct One {
    Sequence last;
    std::uint64_t bytes = 0;
  };
  std::deque<One> pushes_;
};

}  // namespace doorstep
