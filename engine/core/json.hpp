// Just enough JSON (RFC 8259) for values: is this text well-formed, and how is a string read and
// written. Pure; never throws; recursion is bounded by limits::json_depth_max.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace doorstep {

/// True when `text` is one well-formed JSON value in UTF-8 without U+0000 (neither raw nor
/// escaped), nested at most limits::json_depth_max deep, with nothing but white space around it.
[[nodiscard]] bool is_json(std::string_view text);

/// A JSON string that begins at text[at]; on success `at` stands behind its closing quote,
/// otherwise it is unspecified. nullopt when there is no well-formed string, or when it holds
/// U+0000 or a lone surrogate.
[[nodiscard]] std::optional<std::string> read_json_string(std::string_view text, std::size_t& at);

/// Moves `at` behind any JSON white space.
void skip_json_space(std::string_view text, std::size_t& at);

/// Appends `value` as a JSON string in its one canonical form: only quote, backslash and control
/// characters are escaped (short form where there is one, else \u00xx). `value` is valid UTF-8.
void append_json_string(std::string& out, std::string_view value);

}  // namespace doorstep
