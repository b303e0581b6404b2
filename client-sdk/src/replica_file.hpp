// The replica's file: its tables, how it is recognised, and the checks at every open. Used by the
// SDK's connections; see docs/architecture.md for the tables.
#pragma once

#include <string>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// A connection that has passed the checks of open, and the schema that the file holds.
struct ReplicaFile {
  sqlite::Database db;
  Schema schema;
  std::int64_t schema_number = 0;  ///< ds_state's when it was read
};

enum class ReplicaAccess : std::uint8_t { read, write };

/// Errors: not_a_replica, replica_version, guard_missing, and those of Database::open. SQL
/// functions are registered; the guard function is, for `write` only.
[[nodiscard]] Result<ReplicaFile> open_replica_file(const std::string& path, ReplicaAccess access,
                                                    const ReplicaOptions& options,
                                                    const ReplicaSeams& seams);

/// The schema that the replica has now, in the caller's transaction or in one of its own. True: it
/// was another than `file` knew, and `file` knows it now.
[[nodiscard]] Result<bool> refresh_schema(ReplicaFile& file, const ReplicaSeams& seams);

/// What differs from the declared tables and guards; empty when nothing does.
[[nodiscard]] Result<std::vector<std::string>> altered_objects(sqlite::Database& db,
                                                               const Schema& schema);

/// Gives pages that were freed back to the file system when nothing waits in the outbox.
[[nodiscard]] Status shrink_when_idle(sqlite::Database& db);

}  // namespace doorstep
