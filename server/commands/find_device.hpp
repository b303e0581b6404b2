// Which device people mean.
#pragma once

#include <string>

#include "engine/ports/hub_store.hpp"

namespace doorstep::commands {

/// By id, the beginning of one (4 digits or more), or name; exactly one must fit.
[[nodiscard]] Result<DeviceRecord> find_device(HubSnapshot& snapshot, const std::string& wanted);

}  // namespace doorstep::commands
