// What many runs did, in numbers.
#pragma once

#include <chrono>
#include <string>

#include "tests/sim/world.hpp"

namespace doorstep::sim {

class Summary {
 public:
  Summary();
  void add(const RunResult& result);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

 private:
  Counts total_;
  std::uint64_t runs_ = 0;
  std::uint64_t traces_ = 0;  ///< all traces in one number
  std::chrono::steady_clock::time_point begun_;
};

[[nodiscard]] std::string json_of(std::uint64_t seed, const RunResult& result);

/// The failure's sentence without names and numbers: what a shrunk script must fail with, too.
[[nodiscard]] std::string kind_of_failure(const Failure& failure);

}  // namespace doorstep::sim
