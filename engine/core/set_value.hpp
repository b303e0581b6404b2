// Sets of short texts as stored in a column with policy `set`. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/value.hpp"

namespace doorstep {

/// Elements in ascending byte order, each once.
using SetElements = std::vector<std::string>;

/// What one transaction did to a set, net: both lists in ascending byte order, disjoint.
struct SetEdit {
  SetElements adds;
  SetElements removes;
  friend bool operator==(const SetEdit&, const SetEdit&) = default;
  [[nodiscard]] bool empty() const { return adds.empty() && removes.empty(); }
};

/// Parses NULL or a JSON array of strings (any order, repeats allowed); nullopt when it is neither.
[[nodiscard]] std::optional<SetElements> parse_set(const Value& value);
/// The canonical form: NULL when empty, else a compact JSON array.
[[nodiscard]] Value format_set(const SetElements& elements);
/// What turns `before` into `after`.
[[nodiscard]] SetEdit diff_sets(const SetElements& before, const SetElements& after);
/// `before` with removes taken out and adds put in.
[[nodiscard]] SetElements apply_edit(SetElements before, const SetEdit& edit);

}  // namespace doorstep
