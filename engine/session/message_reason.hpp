// What a message is for. A part of DeviceSession.
#pragma once

#include "engine/session/traffic.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// When nothing else is known: a push is a first one, changes are the feed's unless they begin a
/// refill.
[[nodiscard]] TrafficReason reason_of(const Message& message);

}  // namespace doorstep
