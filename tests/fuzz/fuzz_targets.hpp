// Everything that reads bytes or text from outside, as functions that take any input and abort when
// a promise does not hold. The same functions run under libFuzzer (`./dev fuzz`) and, with golden
// vectors and past findings as a start, as tests in every build (fuzz_test.cpp).
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/bytes.hpp"

namespace doorstep::test {

struct FuzzTarget {
  std::string_view name;
  /// Takes any input. Aborts with a sentence when a promise of the decoder is broken.
  void (*run)(ByteView input);
};

/// Ascending by name.
[[nodiscard]] std::span<const FuzzTarget> fuzz_targets();
/// nullptr when there is none.
[[nodiscard]] const FuzzTarget* find_fuzz_target(std::string_view name);

/// What a target begins with, from the golden vectors and the village's schema.
[[nodiscard]] std::vector<Bytes> fuzz_seeds(std::string_view target);

}  // namespace doorstep::test
