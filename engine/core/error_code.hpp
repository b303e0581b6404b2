// The error catalogue as an enum. schema/errors.def is the only list; everything here is made from
// it. Thread-safety: pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace doorstep {

/// Stable codes; the number travels on the wire, the name stands in --json output and logs.
enum class ErrorCode : std::uint16_t {
#define DS_ERROR(name, number, retry, message, action) name = number,
#include "schema/errors.def"
#undef DS_ERROR
};

/// The code's name as in schema/errors.def ("disk_full"). Never empty; static storage.
[[nodiscard]] std::string_view name_of(ErrorCode code);

/// One sentence that says what is wrong, without a full stop. Static storage.
[[nodiscard]] std::string_view message_of(ErrorCode code);

/// What the person in front of it should do. Static storage.
[[nodiscard]] std::string_view action_of(ErrorCode code);

/// True when the same call can succeed later without any change.
[[nodiscard]] bool is_retryable(ErrorCode code);

/// The code with this number, or nullopt for a number that this version does not know.
[[nodiscard]] std::optional<ErrorCode> error_code_of(std::uint64_t number);

}  // namespace doorstep
