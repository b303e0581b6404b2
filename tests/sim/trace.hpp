// Everything that happened, as one number: two runs of one script must end with the same. The
// newest lines are kept as text for whoever looks into a failure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "engine/core/bytes.hpp"
#include "tests/sim/event_queue.hpp"

namespace doorstep::sim {

class Trace {
 public:
  Trace(const EventQueue& events, bool prints) : events_(events), prints_(prints) {}

  void note(const std::string& who, const std::string& what);
  /// The bytes count too.
  void note(const std::string& who, const std::string& what, ByteView bytes);

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] const std::deque<std::string>& newest() const { return newest_; }

 private:
  void mix(ByteView bytes);

  const EventQueue& events_;
  bool prints_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::deque<std::string> newest_;
};

}  // namespace doorstep::sim
