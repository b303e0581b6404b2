// What a device says of itself when it calls. Pure.
#pragma once

#include "engine/ports/device_store.hpp"

namespace doorstep {

/// Hello without what belongs to this connection alone: signature, clocks and software are the
/// caller's.
[[nodiscard]] Hello hello_of(const DeviceState& own, const Fingerprint& schema);

}  // namespace doorstep
