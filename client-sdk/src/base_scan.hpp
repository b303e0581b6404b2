// Digests of the hub's rows as this replica holds them, by reading every row (SEMANTICS E1, E2).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "client-sdk/src/device_overlay.hpp"
#include "engine/core/bucket.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

struct BaseDigests {
  Digest total;
  std::map<ScopeId, Digest>
      scopes;  ///< a row whose scope cannot be found counts under the empty code
  std::uint64_t rows = 0;
};

/// Rows with ds_pending in place: the hub's value counts, not the one shown. Inside the caller's
/// transaction.
[[nodiscard]] Result<BaseDigests> scan_base(sqlite::Database& db, const Schema& schema);

/// Every row of the hub's here, each once.
[[nodiscard]] Status visit_base(sqlite::Database& db, const Schema& schema,
                                const std::function<void(const RowKey&, const RowImage&)>& visit);

/// The rows whose hub's value, as the overlay has it now, lives in one of `scopes`.
[[nodiscard]] Result<std::map<ScopeId, std::set<RowKey>>> rows_in_scopes(
    sqlite::Database& db, const Schema& schema, const DeviceOverlay& overlay,
    const std::set<ScopeId>& scopes);

/// Scopes whose rows differ from the hub's. The running sum is compared first; only a difference
/// costs a scan. Notes in `state` what it found.
[[nodiscard]] Result<std::vector<ScopeId>> compare_digests(
    sqlite::Database& db, const Schema& schema, const std::vector<Checkpoint::ScopeDigest>& digests,
    ReplicaState& state);

/// Sums of the hub's rows here by buckets of the key; all tables of the schema (SEMANTICS E3).
[[nodiscard]] Result<std::vector<BucketSums>> scan_buckets(sqlite::Database& db,
                                                           const Schema& schema);
/// The keys of the hub's rows here that lie in the buckets of a refill.
[[nodiscard]] Result<std::set<RowKey>> rows_in_buckets(sqlite::Database& db, const Schema& schema,
                                                       const RefillCover& cover);

}  // namespace doorstep
