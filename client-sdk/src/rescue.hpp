// rescue_replica() with seams.
#pragma once

#include <doorstep/rescue.hpp>

#include "client-sdk/src/replica_internal.hpp"

namespace doorstep {

[[nodiscard]] Result<RescueReport> rescue_replica(const std::string& path,
                                                  const ReplicaSeams& seams);

}  // namespace doorstep
