// What a copy of a phone still had to send (SEMANTICS C5). A part of merge_pushes(); pure given its
// store.
#pragma once

#include "engine/session/merge_pushes.hpp"

namespace doorstep {

struct ForkVerdict {
  std::optional<Error> refused;  ///< hash_mismatch: it follows on nothing that is known here
  std::vector<Ack::Item> told;   ///< everything but what was accepted before
  Position known_at;             ///< the commit of the newest that was on record
  bool kept = false;             ///< something is new in quarantine
};

/// Tells which transactions the hub has under that very identity, and puts the others in
/// quarantine. Nothing is merged, and the device's record stays that of the other copy.
[[nodiscard]] Result<ForkVerdict> keep_fork(HubCommit& commit, const PushRequest& request);

}  // namespace doorstep
