// What the command says to a person: in Chinese when LC_ALL, LC_MESSAGES or LANG begins with "zh",
// else in English. --json output never passes through here.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.hpp"

namespace doorstep::cli {

/// True when the person reads Chinese.
[[nodiscard]] bool speaks_chinese();

/// The one of the two that fits.
[[nodiscard]] inline std::string_view say(std::string_view english, std::string_view chinese) {
  return speaks_chinese() ? chinese : english;
}

/// Prints the error to standard error ("doorstep: ...": what is wrong, where, what to do) and
/// returns exit status 1, or 2 for wrong usage.
[[nodiscard]] int fail(const Error& failure);

/// True when `stream` is a terminal and CI is not set: progress bars only there.
[[nodiscard]] bool is_terminal(int file_descriptor);

}  // namespace doorstep::cli
