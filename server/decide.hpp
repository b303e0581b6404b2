// Settling a conflict at the hub itself: a commit of its own, merged like what a phone sends. May
// run beside a `serve` of another process, which notices it.
#pragma once

#include <string>
#include <string_view>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// What is to stand. `value` only for a cell.
struct HubChoice {
  enum class Keep : std::uint8_t { winner, loser, value, undo };
  Keep keep = Keep::winner;
  Value value;
};

/// A third value as a person types it, for the conflict's column; of a group of columns a JSON
/// object. Error bad_value.
[[nodiscard]] Result<Value> third_value(const Schema& schema, const Conflict& conflict,
                                        std::string_view text);

/// Who decides, and when.
struct HubDecider {
  std::string by;  ///< as the person calls himself; empty: nobody puts a name to it
  Instant now;
  CommitToken token;
};

/// The position of the commit. Errors: not_found (no such conflict, its row is gone, or nothing to
/// decide or undo), bad_value, and the storage's.
[[nodiscard]] Result<Position> decide_conflict(HubStore& store, const ConflictId& conflict,
                                               const HubChoice& choice, const HubDecider& decider);

}  // namespace doorstep
