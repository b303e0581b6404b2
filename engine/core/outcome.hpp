// What became of a transaction at its hub. Plain data.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// A cell in which another value is shown. Named by text, because it travels and is stored.
struct LostCell {
  std::string table;
  RowId row;
  std::string column;  ///< empty: the delete of the row
  friend bool operator==(const LostCell&, const LostCell&) = default;
};

/// The rule of the schema that a transaction broke. Named by text, because it travels and is
/// stored.
struct BrokenRule {
  std::string table;
  std::string rule;
  RowId row;            ///< the written row that the rule was asked about
  std::string message;  ///< the schema's words for the person
  /// What the rule's SELECT showed, in its order; long texts are cut
  /// (limits::rule_value_bytes_max).
  std::vector<std::pair<std::string, Value>> values;
  friend bool operator==(const BrokenRule&, const BrokenRule&) = default;
};

/// rule_broken, with the rule's name and words.
[[nodiscard]] Error error_of(const BrokenRule& broken);

struct Outcome {
  enum class Kind : std::uint8_t {
    accepted = 0,     ///< everything stands
    merged = 1,       ///< in, but other values are shown in `lost`
    rejected = 2,     ///< changed nothing; `reason` says why
    depends_on = 3,   ///< changed nothing; builds on the rejected transaction `depends_on`
    quarantined = 4,  ///< changed nothing; kept at the hub for a person
    not_yet = 5       ///< not acknowledged (hub_too_old): stays pending at the device
  };
  Kind kind = Kind::accepted;
  std::vector<LostCell> lost;
  std::optional<Error> reason;
  Sequence depends_on;
  std::optional<BrokenRule> broken = {};  ///< rejected with rule_broken: which one
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

[[nodiscard]] std::string_view name_of(Outcome::Kind kind);
/// Quarantined because the hub does not know a row that it updates or hangs on.
[[nodiscard]] bool lacks_row(const Outcome& outcome);

}  // namespace doorstep
