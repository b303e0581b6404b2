// The match keys of a schema file, [tables.NAME.match]; used by load_schema only.
#pragma once

#include <string_view>

#include "engine/core/result.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// Adds the match keys of every table. The tables and columns of `parts` are those of the same
/// text. Errors as load_schema gives them, with line and column.
[[nodiscard]] Status read_match_keys(std::string_view toml_text, std::string_view file_name,
                                     Schema::Parts& parts);

}  // namespace doorstep
