// What a person decides about quarantined transactions (SEMANTICS D4), in one hub commit. Works
// beside a running hub: the store lets one commit at a time through. Pure given its store.
#pragma once

#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

struct QuarantineDecision {
  std::vector<TransactionId> ids;
  std::string by;  ///< as the person calls himself
  Instant now;
  CommitToken token;
};

struct Admitted {
  Position position;
  std::vector<TransactionId> ids;  ///< in the order in which they were merged
  std::vector<Outcome> outcomes;   ///< what each is on record as from now on; accepted or merged
};

/// Merges them as their devices wrote them: author, stamp and observed stay, rights, rules and
/// references are judged as ever. A row that the hub does not have, or has let go of, comes back as
/// its device held it (its salvage), with the edit in it; so does what it hangs on. All or nothing.
/// Errors: not_found, quarantine_state, copy_not_admitted (SEMANTICS C5), the refusal of the first
/// that still cannot be merged, with its number; row_unknown then means that its device has not
/// sent the row.
[[nodiscard]] Result<Admitted> admit_quarantined(HubStore& store,
                                                 const QuarantineDecision& decision);

/// They stay on record, but wait no more. Errors: not_found, quarantine_state.
[[nodiscard]] Result<Position> discard_quarantined(HubStore& store,
                                                   const QuarantineDecision& decision);

}  // namespace doorstep
