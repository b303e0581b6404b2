// ds_scope and the columns to fill in ds_meta: which scopes a replica was granted, expects to see
// and holds, and which columns it gained. Inside the caller's write transaction.
#pragma once

#include <vector>

#include "engine/ports/device_store.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// What Welcome says: the grants, and the scopes to expect.
[[nodiscard]] Status grant_scopes(sqlite::Database& db, const std::vector<ScopeId>& scopes);
[[nodiscard]] Status expect_scopes(sqlite::Database& db, const std::vector<ScopeId>& scopes);

/// All ascending.
[[nodiscard]] Result<std::vector<ScopeId>> granted_scopes(sqlite::Database& db);
[[nodiscard]] Result<std::vector<ScopeId>> expected_scopes(sqlite::Database& db);
/// Those of the last checkpoint.
[[nodiscard]] Result<std::vector<ScopeId>> held_scopes(sqlite::Database& db);
[[nodiscard]] Result<std::vector<NewColumn>> new_columns(sqlite::Database& db);

/// The hub's digests of these, as it said them last.
[[nodiscard]] Result<std::vector<Checkpoint::ScopeDigest>> held_digests(sqlite::Database& db);
/// Ascending.
[[nodiscard]] std::vector<ScopeId> scopes_of(const std::vector<Checkpoint::ScopeDigest>& digests);
/// From here on these are held and expected, with the hub's digests, and no column is new.
[[nodiscard]] Status hold_scopes(sqlite::Database& db,
                                 const std::vector<Checkpoint::ScopeDigest>& digests);

}  // namespace doorstep
