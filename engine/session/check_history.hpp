// Whether hub and device tell one story of the device's own work (SEMANTICS C5, G2). A part of
// DeviceSession.
#pragma once

#include "engine/ports/device_store.hpp"

namespace doorstep {

/// The hub has the commit at which the device stands, and lacks transactions that it had
/// acknowledged after that one: it was restored to a moment between the two.
[[nodiscard]] bool has_lost_acknowledged(const Welcome& welcome, const DeviceState& own);

/// The hub's record of this device must be a part of this device's own history. Error device_forked
/// (the device was cloned or restored).
[[nodiscard]] Status check_history(DeviceStore& store, const Welcome& welcome,
                                   const DeviceState& own);

}  // namespace doorstep
