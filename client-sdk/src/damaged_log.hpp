// The write-ahead log of a replica, looked at before SQLite does: SQLite passes in silence over
// everything behind a damaged place, and the next write goes over it.
#pragma once

#include <string>

#include "client-sdk/src/replica_files.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

/// Error corrupt when behind a damaged place stand several commits of the same writing of the log:
/// a power cut leaves at most one that was not durable. So when the log's own header is damaged. A
/// missing log says nothing.
[[nodiscard]] Status check_log(const std::string& replica_path, const ReplicaFiles& files);

}  // namespace doorstep
