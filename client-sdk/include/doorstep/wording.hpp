// What an error says to a person, in the languages of those who use the apps. Every call of the SDK
// answers with an Error (a code and a detail); an app shows the words for it, and its code for
// whoever helps over the telephone.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core/result.hpp"

namespace doorstep {

enum class Language : std::uint8_t { english, chinese };

/// Chinese when LC_ALL, LC_MESSAGES or LANG (the first of them that is set) begins with "zh".
[[nodiscard]] Language language_of_environment();

struct Wording {
  std::string_view what;  ///< "the storage is full"
  std::string_view then;  ///< what to do: "free some space; nothing written before is lost"
};

/// Neither part is ever empty. Errors that only those meet who set phones up are in English in
/// every language. The views are good for ever.
[[nodiscard]] Wording wording_of(ErrorCode code, Language language);

}  // namespace doorstep
