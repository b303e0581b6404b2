// A QR code, for a terminal in UTF-8 half blocks (two rows of modules in one line of text) or as
// its modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"

namespace doorstep {

/// Dark on light whatever the terminal's colours are (it sets them with ANSI codes when `colours`),
/// with the quiet zone of four modules; every line ends in '\n'. Error bad_value when the text is
/// too long.
[[nodiscard]] Result<std::string> qr_text(std::string_view text, bool colours);

/// The same code as rows of modules, '1' dark, without the quiet zone; as many rows as columns.
[[nodiscard]] Result<std::vector<std::string>> qr_modules(std::string_view text);

}  // namespace doorstep
