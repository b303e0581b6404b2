// The schema's text as the replica keeps it: compressed, for it is read once at each open and would
// otherwise be the largest part of a fresh file.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

[[nodiscard]] Status save_schema_text(sqlite::Database& db, std::string_view text);
/// Error corrupt when it cannot be unpacked.
[[nodiscard]] Result<std::string> load_schema_text(sqlite::Database& db);
[[nodiscard]] Result<std::string> unpack_schema_text(ByteView packed);

}  // namespace doorstep
