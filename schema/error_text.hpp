// The error catalogue in the languages that people read. Pure, static storage.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core/error_code.hpp"

namespace doorstep {

enum class Language : std::uint8_t { english, chinese };

/// As message_of(ErrorCode), in the language.
[[nodiscard]] std::string_view message_of(ErrorCode code, Language language);

/// As action_of(ErrorCode), in the language.
[[nodiscard]] std::string_view action_of(ErrorCode code, Language language);

}  // namespace doorstep
