// The hub's part of a reconcile (SEMANTICS D4, E3): whether a device's cursor lies below what was
// collected, which buckets of its rows differ, and the rows that they hold. A part of
// answer_feed().
#pragma once

#include "engine/session/hub_session.hpp"

namespace doorstep {

/// True when the feed that the question asks for is no longer whole.
[[nodiscard]] Result<bool> is_below_floor(HubSnapshot& snapshot, const FeedQuestion& question);

/// Fills the parts of `answer` that a reconcile has: compares the sums or goes on with the refill.
/// Says from where the feed is to be read into the same answer; nullopt when this answer is full.
/// Precondition: the question has sums or a refill.
[[nodiscard]] Result<std::optional<ScanPoint>> restate(HubSnapshot& snapshot,
                                                       const FeedQuestion& question,
                                                       FeedAnswer& answer);

/// What of an answer an operator should know: who had to be compared, and sums that had drifted.
void log_reconcile(LogSink& log, const Hello& hello, const FeedAnswer& answer);

}  // namespace doorstep
