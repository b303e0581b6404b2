// What a person decides about quarantined transactions (SEMANTICS D4), in one hub commit. Works
// beside a running hub: the store lets one commit at a time through. Pure given its store.
#pragma once

#include <set>
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

/// What admit_arrived() did.
struct Arrived {
  std::size_t count = 0;
  Position position;  ///< the newest commit; zero: none
  std::set<ScopeId> touched;
  bool tree_changed = false;
};
/// Work that was offered again ahead of the rows that it needs (SEMANTICS G3): each that can be
/// merged by now is, in a commit of its own, each device's in the order in which it wrote them.
/// The rows must have come: what its device had of them is for a person to admit. What cannot be
/// merged still waits.
[[nodiscard]] Result<Arrived> admit_arrived(HubStore& store, Instant now, const CommitToken& token);

/// They stay on record, but wait no more. Errors: not_found, quarantine_state.
[[nodiscard]] Result<Position> discard_quarantined(HubStore& store,
                                                   const QuarantineDecision& decision);

}  // namespace doorstep
