// What several commands ask of people's words: which device, which scopes.
#pragma once

#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep::commands {

/// By id, the beginning of one (4 digits or more), or name; exactly one must fit.
[[nodiscard]] Result<DeviceRecord> find_device(HubSnapshot& snapshot, const std::string& wanted);

/// Each is a unit of the scope tree. A hub that has no units yet takes any code: the first phone
/// may be what brings them.
[[nodiscard]] Status check_scopes(HubSnapshot& snapshot, const std::vector<ScopeId>& scopes);

}  // namespace doorstep::commands
