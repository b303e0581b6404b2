// From the schema text that a replica holds to the schema model.
#pragma once

#include <string_view>

#include "client-sdk/src/replica_internal.hpp"

namespace doorstep {

/// By the seam when there is one, else by the loader of schema/. Error schema_invalid.
[[nodiscard]] Result<Schema> load_schema_source(std::string_view text, const ReplicaSeams& seams);

}  // namespace doorstep
