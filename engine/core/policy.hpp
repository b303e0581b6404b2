// What each merge policy makes of the contributions of one cell: a table of small functions, so
// that a new policy is one more row of policy.cpp and of docs/merge-rules.md. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

struct PolicyRules {
  enum class Shape : std::uint8_t {
    assignments,  ///< each contribution is a whole value
    sum,          ///< increments add up; contributions are marks
    elements      ///< a set; contributions are marks, elements carry their own
  };
  Shape shape = Shape::assignments;
  /// True where stamps decide, so that overlapping ones make the order uncertain.
  bool by_stamp = false;

  // For assignments only. Spans are never empty and stand in queue order.
  /// Takes out what has given itself up; leaves at least one. Null: nothing does.
  void (*settle)(std::vector<Contribution>&) = nullptr;
  /// Which contribution stands first.
  std::size_t (*winner)(std::span<const Contribution>) = nullptr;
  /// The value shown, given the winner.
  Value (*show)(std::span<const Contribution>, std::size_t winner) = nullptr;
  /// Is this contribution to be seen in `shown`? Those that are not are the conflict.
  bool (*stands)(const Contribution&, const Value& shown) = nullptr;
};

[[nodiscard]] const PolicyRules& rules_of(MergePolicy policy);

/// Counters: NULL counts as 0. Sums go modulo 2^64, so that any order of increments gives the same
/// sum.
[[nodiscard]] std::int64_t counter_of(const Value& value);
[[nodiscard]] std::int64_t add_counters(std::int64_t a, std::int64_t b);
[[nodiscard]] std::int64_t subtract_counters(std::int64_t a, std::int64_t b);

}  // namespace doorstep
