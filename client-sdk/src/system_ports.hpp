// The ports a replica uses where a test gives none.
#pragma once

#include "client-sdk/src/replica_files.hpp"
#include "client-sdk/src/replica_internal.hpp"

namespace doorstep {

[[nodiscard]] const Clock& clock_of(const ReplicaSeams& seams);
[[nodiscard]] Random& random_of(const ReplicaSeams& seams);
[[nodiscard]] const ReplicaFiles& files_of(const ReplicaSeams& seams);

}  // namespace doorstep
