// Writing UTF-8 (RFC 3629).
#pragma once

#include <string>

namespace doorstep {

/// Appends one character. `point` is at most U+10FFFF; nothing is checked.
void append_utf8(std::string& out, char32_t point);

}  // namespace doorstep
