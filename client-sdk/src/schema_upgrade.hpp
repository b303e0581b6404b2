// A replica on a newer schema: tables, columns and guards in one SQLite transaction. What waits in
// the outbox stays as it was written, under the schema that its author saw.
#pragma once

#include <string>
#include <string_view>

#include <doorstep/replica.hpp>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// On a connection of its own. Errors: schema_invalid, schema_refused (with every reason), and
/// those of open. Killed at any moment the replica has the one schema or the other.
[[nodiscard]] Result<SchemaUpgrade> apply_schema_text(const std::string& path,
                                                      std::string_view text,
                                                      const ReplicaOptions& options,
                                                      const ReplicaSeams& seams);

/// Of ds_state: it rises with every schema that the replica takes.
[[nodiscard]] Result<std::int64_t> schema_number_of(sqlite::Database& db);

/// The text that the hub sent last, for an upgrade; empty when it sent none.
[[nodiscard]] Result<std::string> hub_schema_text(sqlite::Database& db);
[[nodiscard]] Result<Fingerprint> hub_schema_fingerprint(sqlite::Database& db);
[[nodiscard]] Status keep_hub_schema(sqlite::Database& db, const Fingerprint& fingerprint,
                                     std::string_view text);

/// Of a hub that does not know the replica's schema: error schema_mismatch unless that adds to the
/// hub's. `text` is the hub's.
[[nodiscard]] Status check_fits_hub(const Schema& own, std::string_view text,
                                    const ReplicaSeams& seams);

/// Adds what `doorstep status` says of schemas.
[[nodiscard]] Status read_schema_status(sqlite::Database& db, const Schema& schema,
                                        const ReplicaSeams& seams, ReplicaStatus& status);

}  // namespace doorstep
