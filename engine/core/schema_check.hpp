// What must hold for a schema before anything may rely on it. Pure; used by Schema::make only.
#pragma once

#include "engine/core/schema.hpp"

namespace doorstep {

/// The first thing wrong, as schema_invalid with a sentence that names table and column and says
/// what to write instead.
[[nodiscard]] Status check_schema(const Schema::Parts& parts);

}  // namespace doorstep
