// Settling a conflict at the hub itself: a commit of its own, merged like what a phone sends. May
// run beside a `serve` of another process, which notices it.
#pragma once

#include <optional>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// What is to stand. `value` only for a cell.
struct HubChoice {
  enum class Keep : std::uint8_t { winner, loser, value, undo };
  Keep keep = Keep::winner;
  Value value;
};

/// The position of the commit. Errors: not_found (no such conflict, its row is gone, or nothing to
/// decide or undo), bad_value, and the storage's.
[[nodiscard]] Result<Position> decide_conflict(HubStore& store, const ConflictId& conflict,
                                               const HubChoice& choice, Instant now,
                                               const CommitToken& token);

}  // namespace doorstep
