// The operating system's random bytes, for keys, ids and nonces. Thread-safe.
#pragma once

#include "engine/ports/random.hpp"

namespace doorstep {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace doorstep
