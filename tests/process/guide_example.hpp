// The C++ of docs/guide/when-edits-meet.md, compiled. The page holds these functions word for word;
// guide_test.cpp checks that.
#pragma once

#include <cstdint>
#include <string>

#include <doorstep/replica.hpp>

namespace doorstep::test::guide {

[[nodiscard]] doorstep::Result<std::string> describe_conflicts(doorstep::Replica& replica);
[[nodiscard]] doorstep::Status keep_the_other_one(doorstep::Replica& replica,
                                                  const doorstep::ConflictInfo& conflict);
[[nodiscard]] doorstep::Status type_a_third_value(doorstep::Replica& replica,
                                                  const doorstep::ConflictInfo& conflict,
                                                  const std::string& number);
[[nodiscard]] doorstep::Result<std::uint64_t> keep_everything_that_stands(
    doorstep::Replica& replica);
[[nodiscard]] doorstep::Result<std::string> explain_phone(doorstep::Replica& replica,
                                                          const doorstep::Value& resident);

}  // namespace doorstep::test::guide
