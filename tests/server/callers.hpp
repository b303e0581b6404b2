// Who calls a hub in these tests, and what they hear.
#pragma once

#include <optional>
#include <string>

#include "engine/core/error_code.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/test_phone.hpp"

namespace doorstep::test {

/// A phone that has enrolled with this code and was welcomed.
[[nodiscard]] TestPhone phone_with(TestHub& hub, std::uint64_t seed, const std::string& code);
/// The same, with a code of its own.
[[nodiscard]] TestPhone enrolled_phone(TestHub& hub, std::uint64_t seed, const std::string& name);
/// The error code that the hub gives before it closes.
[[nodiscard]] std::optional<ErrorCode> refusal(TestPhone& phone);
/// Someone else is served, from enrolment to the acknowledged visit.
void check_still_serving(TestHub& hub, std::uint64_t seed);

}  // namespace doorstep::test
