// What a replica says about itself: status, verification. Each reads
// inside one read transaction of the connection it is given.
#pragma once

#include <doorstep/replica.hpp>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// `wall_ms`: this device's clock now.
[[nodiscard]] Result<ReplicaStatus> read_status(sqlite::Database& db, std::int64_t wall_ms);
[[nodiscard]] Result<std::vector<DepartedInfo>> read_departed(sqlite::Database& db);
[[nodiscard]] Result<VerifyReport> verify_replica(sqlite::Database& db, const Schema& schema);

}  // namespace doorstep
