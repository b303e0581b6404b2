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

/// What merge_into() consists of, for what the hub merges by other rules than merge()'s: fetching
/// what missing() asks for, and putting what came of it, with proposals of duplicates.
[[nodiscard]] Result<RowSet> load_rows(HubCommit& commit, const Schema& schema,
                                       std::span<const IncomingTransaction> transactions);
[[nodiscard]] Status put_merged(HubCommit& commit, const Schema& schema, const RowSet& before,
                                const MergeResult& result);

/// The author of what the hub itself writes.
[[nodiscard]] DeviceId hub_author(const HubIdentity& identity);

/// A transaction of the hub's own: it has seen everything before this commit.
[[nodiscard]] IncomingTransaction hub_transaction(const HubIdentity& identity,
                                                  const HubCommit& commit, Instant now,
                                                  std::vector<RowChange> changes);

}  // namespace doorstep
