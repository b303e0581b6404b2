// What a device makes of the hub's verdicts.
#pragma once

#include "engine/core/outcome.hpp"

namespace doorstep {

/// The transaction is not in the hub's rows: it leaves the overlay and is kept aside.
[[nodiscard]] constexpr bool changed_nothing(Outcome::Kind kind) {
  return kind == Outcome::Kind::rejected || kind == Outcome::Kind::depends_on ||
         kind == Outcome::Kind::quarantined;
}

}  // namespace doorstep
