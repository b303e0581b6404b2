// Bytes by what they were for, as the commands print them.
#pragma once

#include <string>

#include "engine/session/traffic.hpp"

namespace doorstep::cli {

/// {"greeting":{"sent":N,"received":N}, ..., "total":{...}}: every reason, in their order.
[[nodiscard]] std::string traffic_json(const Traffic& traffic);

/// A table for people: today's and all, a line for each reason that carried anything; empty when
/// none has.
[[nodiscard]] std::string traffic_table(const Traffic& today, const Traffic& ever);

}  // namespace doorstep::cli
