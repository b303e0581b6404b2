// What a hub of plain maps shows of one state. A part of MemoryHubStore.
#pragma once

#include <memory>

#include "engine/ports/memory_hub_state.hpp"

namespace doorstep {

[[nodiscard]] std::unique_ptr<HubSnapshot> memory_hub_snapshot(
    std::shared_ptr<const MemoryHubState> state);

}  // namespace doorstep
