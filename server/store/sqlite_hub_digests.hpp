// The running sums of a hub (SEMANTICS E1) in ds_digest: for each scope and table one blob of
// 16-byte sums, the key's first, then one for each column in schema order. Read and written inside
// the caller's transaction.
#pragma once

#include "engine/core/digest.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

[[nodiscard]] Status add_to_digests(HubConnection& hub, const HubSql& sql,
                                    const DigestChanges& changes);
/// The sum of all tables and columns of a scope; zero for an unknown one.
[[nodiscard]] Result<Digest> digest_of_scope(HubConnection& hub, const HubSql& sql,
                                             const ScopeId& scope, const SchemaView& view);
/// The same from the rows themselves.
[[nodiscard]] Result<Digest> scan_digest_of_scope(HubConnection& hub, const HubSql& sql,
                                                  const ScopeId& scope);

/// Replaces the running sums by those of the rows. Inside a write transaction.
[[nodiscard]] Status recount_digests_of_scope(HubConnection& hub, const HubSql& sql,
                                              const ScopeId& scope);

}  // namespace doorstep
