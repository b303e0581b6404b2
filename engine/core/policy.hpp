// What each merge policy makes of the contributions of one cell: a table of small functions, so
// that a new policy is one more row of policy.cpp and of docs/merge-rules.md. The engine knows no
// policy by name elsewhere: it asks for these properties. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
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
  std::string_view name;  ///< as schemas spell it
  Shape shape = Shape::assignments;
  /// The types of column that it can rest on; none named: any.
  std::span<const ColumnType> types;
  /// A value stands or does not, as it is: a scope, a reference or a group can rest on it.
  bool plain = false;
  /// True where stamps decide, so that overlapping ones make the order uncertain.
  bool by_stamp = false;
  bool asks_person = false;  ///< every loser waits for a person
  bool hub_only = false;     ///< devices may not write it
  bool has_states = false;   ///< needs the states that its column declares
  bool joins = false;        ///< shows several contributions as one value

  // For assignments only. Spans are never empty and stand in queue order.
  /// Takes out what has given itself up; leaves at least one. Null: nothing does.
  void (*settle)(std::vector<Contribution>&) = nullptr;
  /// Which contribution stands first.
  std::size_t (*winner)(const Column&, std::span<const Contribution>) = nullptr;
  /// The value shown, given the winner.
  Value (*show)(std::span<const Contribution>, std::size_t winner) = nullptr;
  /// Is this contribution to be seen in `shown`? Those that are not are the conflict.
  bool (*stands)(const Contribution&, const Value& shown) = nullptr;
  /// Does the value that stands outlast a write that had seen it? Null: none does. Such a write is
  /// refused at capture, and loses at the hub, unless a person decides it.
  bool (*outlasts)(const Column&, const Value& standing, const Value& written) = nullptr;
};

/// In the order of MergePolicy.
[[nodiscard]] std::span<const PolicyRules> all_policies();
[[nodiscard]] const PolicyRules& rules_of(MergePolicy policy);

/// False for a state that the column does not declare: a later schema may.
[[nodiscard]] bool knows_state(const Column& column, const Value& value);

/// Counters: NULL counts as 0. Sums go modulo 2^64, so that any order of increments gives the same
/// sum.
[[nodiscard]] std::int64_t counter_of(const Value& value);
[[nodiscard]] std::int64_t add_counters(std::int64_t a, std::int64_t b);
[[nodiscard]] std::int64_t subtract_counters(std::int64_t a, std::int64_t b);

}  // namespace doorstep
