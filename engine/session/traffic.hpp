// The bytes of a connection by what they were for, as they stand on the wire (frame_size.hpp).
// Plain data. Every frame counts under exactly one reason, so the sum is what
// the link carried.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/wire/frame_size.hpp"

namespace doorstep {

enum class TrafficReason : std::uint8_t {
  greeting,  ///< who calls whom: challenge, hello, welcome, enrolment, a fork, a restored hub
  push,      ///< own work, sent for the first time
  resent,    ///< own work that had been sent before
  outcomes,  ///< what became of it at the hub
  rows,      ///< what changed at the hub, and asking for it
  repair,    ///< comparing rows with the hub's, and what was healed by it
  kept,      ///< rows handed over with work that waits for a person
  other      ///< errors, busy hubs, frames that nobody could read
};
inline constexpr std::size_t traffic_reason_count = 8;

/// "greeting", "push" ...: the same in --json output.
[[nodiscard]] std::string_view name_of(TrafficReason reason);

struct TrafficCount {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  TrafficCount& operator+=(const TrafficCount& more) {
    sent += more.sent;
    received += more.received;
    return *this;
  }
  [[nodiscard]] std::uint64_t both() const { return sent + received; }
  friend bool operator==(const TrafficCount&, const TrafficCount&) = default;
};

struct Traffic {
  std::array<TrafficCount, traffic_reason_count> by_reason{};

  void sent(TrafficReason reason, std::size_t frame) {
    of(reason).sent += bytes_on_wire(frame, Way::up);
  }
  void received(TrafficReason reason, std::size_t frame) {
    of(reason).received += bytes_on_wire(frame, Way::down);
  }
  [[nodiscard]] TrafficCount& of(TrafficReason reason) {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] const TrafficCount& of(TrafficReason reason) const {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] TrafficCount total() const {
    TrafficCount sum;
    for (const TrafficCount& one : by_reason) sum += one;
    return sum;
  }
  Traffic& operator+=(const Traffic& more) {
    for (std::size_t i = 0; i < traffic_reason_count; ++i) by_reason[i] += more.by_reason[i];
    return *this;
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

}  // namespace doorstep
