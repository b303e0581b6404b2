// What a device sends of its outbox next. A part of DeviceSession.
#pragma once

#include <optional>

#include "engine/ports/device_store.hpp"
#include "engine/session/push_bytes.hpp"

namespace doorstep {

/// What follows `pushed` and fits into `window` bytes beside what is in flight; one push always
/// does when nothing is. nullopt: nothing follows, or not now. Error corrupt when the outbox has a
/// gap.
[[nodiscard]] Result<std::optional<Push>> next_push(DeviceStore& store, Sequence pushed,
                                                    const PushesWaiting& in_flight,
                                                    std::uint64_t window);

}  // namespace doorstep
