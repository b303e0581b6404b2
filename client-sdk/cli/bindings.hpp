// Values and ids on the command line.
#pragma once

#include <doorstep/replica.hpp>
#include <string>
#include <string_view>

namespace doorstep::cli {

/// name=text or name:=JSON. Error usage names the option. JSON scalars only: null, true, false, a
/// number, "text".
[[nodiscard]] Result<Binding> parse_binding(std::string_view text, std::string_view option);

/// A row's id as it is written there: hexadecimal, or the text itself; empty for NULL.
[[nodiscard]] std::string key_text(const Value& key);

}  // namespace doorstep::cli
