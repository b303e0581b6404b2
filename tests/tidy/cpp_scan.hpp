// A small reading of C++ text: enough to tell code from comments and strings and to measure
// functions. Not a parser: a macro that opens a brace can mislead it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doorstep::tidy {

// The text with comments and the inside of string and character literals turned to spaces; line
// ends stay, so that positions and line numbers hold.
[[nodiscard]] std::string blank_comments_and_literals(std::string_view text);

struct Include {
  std::size_t line = 0;  // from 1
  std::string target;    // without quotes or angle brackets
  bool quoted = false;
};

// #include lines that are not commented out.
[[nodiscard]] std::vector<Include> includes_of(std::string_view text);

struct FunctionSize {
  std::size_t first_line = 0;  // from 1: where the declaration begins
  std::size_t lines = 0;       // up to and with the closing brace
};

// Function bodies at namespace or class level; a lambda or local class counts into its function.
[[nodiscard]] std::vector<FunctionSize> functions_of(std::string_view text);

}  // namespace doorstep::tidy
