#include "tests/sim/trace.hpp"

#include <iostream>

namespace doorstep::sim {
namespace {

constexpr std::size_t lines_kept = 40;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

}  // namespace

void Trace::mix(ByteView bytes) {
  for (const std::uint8_t byte : bytes) hash_ = (hash_ ^ byte) * fnv_prime;
}

void Trace::note(const std::string& who, const std::string& what) { note(who, what, {}); }

void Trace::note(const std::string& who, const std::string& what, ByteView bytes) {
  const std::string line = std::to_string(events_.now()) + " " + who + " " + what;
  mix({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
  mix(bytes);
  if (prints_) std::cout << line << '\n';
  newest_.push_back(line);
  if (newest_.size() > lines_kept) newest_.pop_front();
}

}  // namespace doorstep::sim
