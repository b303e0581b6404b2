// What the stories of the sixteen systems do again and again.
#pragma once

#include <string>

#include "tests/scenario/township.hpp"

namespace doorstep::test {

/// The id of a row of a table, counted from 0 by id, among those that fulfil the condition.
[[nodiscard]] std::string nth(Volunteer& volunteer, const std::string& table, int which,
                              const std::string& condition = "1");

/// The message of the rule that refused the only transaction that waits; it is given up.
std::string give_up_refused(Volunteer& volunteer);

}  // namespace doorstep::test
