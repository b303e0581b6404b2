// Randomness from the operating system, for nonces, keys, tokens and enrolment codes.
#pragma once

#include "engine/ports/random.hpp"

namespace doorstep {

/// Thread-safe. Aborts the process when the system has no randomness to give: nothing may go on
/// then.
class OsRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace doorstep
