// What a replica says about itself: status, verification. Each reads
// inside one read transaction of the connection it is given.
#pragma once

#include <doorstep/replica.hpp>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

[[nodiscard]] Result<ReplicaStatus> read_status(sqlite::Database& db);
[[nodiscard]] Result<VerifyReport> verify_replica(sqlite::Database& db, const Schema& schema);

}  // namespace doorstep
