// The schema of simulated villages: one column of every policy, rows that hang on others, a ledger
// with a rule.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/schema.hpp"

namespace doorstep::sim {

[[nodiscard]] const Schema& village();
/// For replicas and hubs: text of village() only.
[[nodiscard]] Result<Schema> load_village(std::string_view text);

}  // namespace doorstep::sim
