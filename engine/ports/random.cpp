#include "engine/ports/random.hpp"

namespace doorstep {

std::uint64_t Random::next() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes) {
    out = out << 8U | byte;
  }
  return out;
}

std::uint64_t Random::below(std::uint64_t bound) {
  DS_ASSERT(bound >= 1);
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
  for (;;) {
    if (const std::uint64_t draw = next(); draw < limit) {
      return draw % bound;
    }
  }
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) {
      state_ += 0x9e3779b97f4a7c15U;
      word = state_;
      word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
      word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
      word ^= word >> 31U;
    }
    out[i] = static_cast<std::uint8_t>(word >> (8U * (i % 8)));
  }
}

}  // namespace doorstep
