// Values on the command line: name=text or name:=JSON.
#pragma once

#include <doorstep/replica.hpp>
#include <string_view>

namespace doorstep::cli {

/// Error usage names the option. JSON scalars only: null, true, false, a number, "text".
[[nodiscard]] Result<Binding> parse_binding(std::string_view text, std::string_view option);

}  // namespace doorstep::cli
