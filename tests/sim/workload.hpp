// What volunteers do, as the verbs of a script, in ordinary SQL through the SDK. A verb picks its
// row among those that the phone shows ("pick" modulo how many there are), so that every line means
// something wherever the lines before it left the phone.
#pragma once

#include <doorstep/replica.hpp>

#include <string>
#include <vector>

#include "tests/sim/script.hpp"

namespace doorstep::sim {

/// One local transaction, or none when there is nothing to do it with: no row, or a schema
/// (`version`) that does not name what the verb writes. Unknown verbs are malformed.
[[nodiscard]] Status do_work(Replica& replica, const Line& line, std::uint32_t version);

/// Errors that say no to what was asked for, rightly.
[[nodiscard]] bool is_refusal(ErrorCode code);

/// All verbs of do_work(), for whoever draws scripts.
[[nodiscard]] const std::vector<std::string>& work_verbs();
/// Those that write what only later versions of the schema have; not among the others.
[[nodiscard]] const std::vector<std::string>& newer_verbs();

}  // namespace doorstep::sim
