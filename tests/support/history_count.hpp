// How many random histories a property plays.
#pragma once

#include <cstdint>

namespace doorstep::test {

/// All of them, or under the sanitizers, which are several times slower, a fifth.
constexpr std::uint64_t history_count(std::uint64_t all) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return all / 5;
#else
  return all;
#endif
}

}  // namespace doorstep::test
