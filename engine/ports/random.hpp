// Randomness as a port, so that every run can be replayed from a seed.
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/ids.hpp"

namespace doorstep {

/// Not thread-safe unless an implementation says so.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  [[nodiscard]] std::uint64_t next();                      ///< 64 uniform bits
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);  ///< uniform in [0, bound); bound >= 1
  template <class Id>
  [[nodiscard]] Id id() {
    Id out;
    fill(out.bytes);
    return out;
  }
};

/// Seeded, for tests, samples and the simulator: splitmix64 (Steele et al., 2014); same seed, same
/// bytes on every platform. Never for keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace doorstep
