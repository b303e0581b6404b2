// What a person decides about a pair of duplicates, each in one hub commit (SEMANTICS D6). Works
// beside a running hub: the store lets one commit at a time through. Pure given its store.
#pragma once

#include <string>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// Who decides, and when.
struct DuplicateDecision {
  DuplicateId pair;
  std::string by;  ///< as the person calls himself
  Instant now;
  CommitToken token;
};

struct DuplicateOutcome {
  Duplicate pair;              ///< as it is now
  std::size_t references = 0;  ///< re-pointed, or moved back
  std::size_t conflicts = 0;   ///< values of the row that went which differ from the other's
  bool changed = true;         ///< false: it was so already, nothing was written
};

/// Merges the pair: references to the row that goes mean the survivor, in this commit and for ever.
/// `survivor`: one of the two; none: the one with the smaller key, which for UUIDv7 is the older.
/// Either may have been merged into another row since; that one is meant then, and when both are
/// one row by now, the pair is only marked. Errors: not_found, duplicate_state (a row is gone).
[[nodiscard]] Result<DuplicateOutcome> accept_duplicate(HubStore& store,
                                                        const DuplicateDecision& decision,
                                                        const std::optional<RowId>& survivor = {});

/// They are two: never proposed again. Error duplicate_state when they are merged.
[[nodiscard]] Result<DuplicateOutcome> reject_duplicate(HubStore& store,
                                                        const DuplicateDecision& decision);

/// Takes a merge back. Both rows live again; references go back where what the merge set still
/// stands, and what was written to the merged id since goes to the row it was meant for. Error
/// duplicate_state when the pair is not merged, or its survivor was merged into a third row (take
/// that merge back first) or is gone.
[[nodiscard]] Result<DuplicateOutcome> unmerge_duplicate(HubStore& store,
                                                         const DuplicateDecision& decision);

}  // namespace doorstep
