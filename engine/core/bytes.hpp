// Byte views and hexadecimal text. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace doorstep {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lowercase hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Accepts either case; nullopt on an odd length or another character.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);
/// True when the text is well-formed UTF-8 (no surrogates, no overlong forms) without U+0000.
[[nodiscard]] bool is_valid_text(std::string_view text);

}  // namespace doorstep
