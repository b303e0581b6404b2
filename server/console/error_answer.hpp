// An error of the catalogue as the console answers it: {"error":{name, code, message, detail, todo,
// field}} in the caller's language, with the HTTP status that fits.
#pragma once

#include <string>
#include <string_view>

#include "schema/error_text.hpp"
#include "server/console/console_request.hpp"

namespace doorstep::console {

[[nodiscard]] unsigned http_status_of(ErrorCode code);

/// `field` empty: no input is at fault.
[[nodiscard]] ConsoleAnswer error_answer(const Error& reason, Language language,
                                         std::string_view field = {});

/// The inner object alone, for answers that hold several results.
[[nodiscard]] std::string error_json(const Error& reason, Language language,
                                     std::string_view field = {});

}  // namespace doorstep::console
