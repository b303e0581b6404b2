// The hub's part of a reconcile (SEMANTICS D4, E3): whether a device's cursor lies below what was
// collected, which buckets of its rows differ, and the rows that they hold. A part of
// answer_feed().
#pragma once

#include "engine/session/hub_session.hpp"

namespace doorstep {

/// A row as a device has it that knows what the view shows: what it does not is NULL.
[[nodiscard]] RowImage image_in(const SchemaView& view, const StoredRow& row);

/// True when the feed that the question asks for is no longer whole.
[[nodiscard]] Result<bool> is_below_floor(HubSnapshot& snapshot, const FeedQuestion& question);

/// What a reconcile states anew.
struct Restated {
  std::optional<Refill> refill;    ///< answers FeedQuestion::sums
  FeedBatch batch;                 ///< rows, to be sent whole, and conflicts
  Position position;               ///< the feed goes on after this
  std::optional<ScanPoint> after;  ///< from where to read it into the same answer; nullopt: full
  ScanPoint next;                  ///< when full
  std::vector<ScopeId> drifted;    ///< running sums that are not those of the rows
};

/// Compares the sums over what the device sees, or goes on with the refill. Precondition: the
/// question has one of them.
[[nodiscard]] Result<Restated> restate(HubSnapshot& snapshot, const SchemaView& view,
                                       const FeedQuestion& question);

/// What of an answer an operator should know: who had to be compared, and sums that had drifted.
void log_reconcile(LogSink& log, const Hello& hello, const FeedAnswer& answer);

}  // namespace doorstep
