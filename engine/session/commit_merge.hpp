// Merging into an open hub commit: what merge() needs is fetched under the commit's lock, and all
// that it says is put back. Used for pushes and for what the hub itself writes. Pure given its
// store.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// What merging into one commit changed.
struct Merged {
  std::vector<Outcome> outcomes;  ///< one for each transaction, in the order given
  std::set<ScopeId> touched;      ///< scopes whose feed changed
  bool tree_changed = false;      ///< a unit came, went, or hangs elsewhere: look scopes up again
};

/// Fetches, merges and puts; the caller commits. An error is the storage's and ends the commit.
[[nodiscard]] Result<Merged> merge_into(HubCommit& commit, const Schema& schema,
                                        std::span<const IncomingTransaction> transactions);

/// The author of what the hub itself writes.
[[nodiscard]] DeviceId hub_author(const HubIdentity& identity);

/// A transaction of the hub's own: it has seen everything before this commit.
[[nodiscard]] IncomingTransaction hub_transaction(const HubIdentity& identity,
                                                  const HubCommit& commit, Instant now,
                                                  std::vector<RowChange> changes);

}  // namespace doorstep
