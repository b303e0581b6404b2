// What a device has pushed, as both ends of its connection remember it until the first pull is
// answered (frame.hpp): the messages one after another, from the first on and without a hole.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "engine/core/bytes.hpp"

namespace doorstep {

/// How much of what a device pushes its hub remembers until it has answered the first pull.
inline constexpr std::size_t heard_bytes_max = std::size_t{256} * 1024;
/// How much of it for all devices together: 256 with as much as they may have. A hub of 20,000 that
/// come back from a month offline on one morning would hold 5 GB else. Those that come later pull
/// all the same, their answers weigh more.
inline constexpr std::size_t heard_bytes_of_all_max = 256 * heard_bytes_max;

/// Room that the connections of one hub share. Not thread-safe: they are stepped on one thread.
class HeardRoom {
 public:
  explicit HeardRoom(std::size_t bytes = heard_bytes_of_all_max) : free_(bytes) {}
  /// As much of `wanted` as there is, taken.
  [[nodiscard]] std::size_t take(std::size_t wanted);
  void give_back(std::size_t bytes) { free_ += bytes; }
  [[nodiscard]] std::size_t free() const { return free_; }

 private:
  std::size_t free_;
};

class HeardPushes {
 public:
  /// Without `room` only heard_bytes_max bounds it. What it takes of the room it gives back at its
  /// end.
  explicit HeardPushes(std::shared_ptr<HeardRoom> room = nullptr) : room_(std::move(room)) {}
  ~HeardPushes();
  HeardPushes(const HeardPushes&) = delete;
  HeardPushes& operator=(const HeardPushes&) = delete;

  /// As much of it as fits; nothing after one that did not fit whole.
  void add(ByteView message);
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  std::shared_ptr<HeardRoom> room_;
  Bytes bytes_;
  bool full_ = false;
};

}  // namespace doorstep
