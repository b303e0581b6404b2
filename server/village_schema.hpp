// The built-in schema: the text of schema/village.toml as it was when this program was built.
#pragma once

#include <string_view>

namespace doorstep {

[[nodiscard]] std::string_view village_schema_text();

}  // namespace doorstep
