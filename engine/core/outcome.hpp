// What became of a transaction at its hub. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

/// A cell in which another value is shown. Named by text, because it travels and is stored.
struct LostCell {
  std::string table;
  RowId row;
  std::string column;  ///< empty: the delete of the row
  friend bool operator==(const LostCell&, const LostCell&) = default;
};

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
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

[[nodiscard]] std::string_view name_of(Outcome::Kind kind);

}  // namespace doorstep
