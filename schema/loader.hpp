// Reads a schema from its TOML form, which docs/schema.md describes and schema/village.toml shows.
// Pure but for load_schema_file, which reads one file. Safe from any thread.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/core/result.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// The schema in `toml_text`, kept whole as its source(). Tables and columns keep their order in
/// the text. Every error is schema_invalid with "file:line:column: " and a sentence that says what
/// to write instead; an unknown key is an error. `file_name` is for these messages only.
[[nodiscard]] Result<Schema> load_schema(std::string_view toml_text, std::string_view file_name);

/// The same from a file; io_error when it cannot be read.
[[nodiscard]] Result<Schema> load_schema_file(const std::filesystem::path& path);

}  // namespace doorstep
