// Work that was refused and is written again names what it is written for, so that no two copies of
// a phone, and no person at the hub beside them, bring it in twice. Inside an open hub commit.
#pragma once

#include <span>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// Marks as unfit (already_resent) what is written for a transaction that is in by now: admitted,
/// or written again before, in this batch too.
[[nodiscard]] Status refuse_repeats(HubCommit& commit, std::span<IncomingTransaction> batch);

/// After the merge: what was written again and taken is on record, and the first one waits in
/// quarantine no more.
[[nodiscard]] Status note_resent(HubCommit& commit, std::span<const IncomingTransaction> batch,
                                 std::span<const Outcome> outcomes, Instant now);

}  // namespace doorstep
