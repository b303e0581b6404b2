#include "client-sdk/src/system_random.hpp"

#include <sodium.h>

namespace doorstep {

void SystemRandom::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace doorstep
