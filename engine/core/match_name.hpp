// Names as sequences of characters, for match.hpp only. Pure.
#pragma once

#include <string>
#include <string_view>

namespace doorstep {

/// The characters of UTF-8 text, at most limits::match_name_points_max; what is no UTF-8 is
/// skipped.
[[nodiscard]] std::u32string name_points(std::string_view text);
[[nodiscard]] std::string utf8_of(const std::u32string& points);

}  // namespace doorstep
