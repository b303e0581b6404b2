// What must hold for a schema before anything may rely on it. Pure; used by Schema::make only.
#pragma once

#include <string>

#include "engine/core/schema.hpp"

namespace doorstep {

/// The first thing wrong, as schema_invalid with a sentence that names table and column and says
/// what to write instead.
[[nodiscard]] Status check_schema(const Schema::Parts& parts);

/// What is wrong with one match key of a table, without its name; empty when nothing is.
[[nodiscard]] std::string complaint_about(const Table& table, const MatchKey& key);

}  // namespace doorstep
