// What a hub's messages come to at the device. A part of DeviceSession.
#pragma once

#include "engine/core/result.hpp"
#include "engine/ports/device_store.hpp"
#include "engine/ports/log_sink.hpp"

namespace doorstep {

/// Notes in the log what a checkpoint found to differ from the hub's rows, and what it healed.
void log_applied(LogSink& log, const Applied& applied);
/// An error message as an error of the catalogue, marked as the hub's.
[[nodiscard]] Error said_by_hub(const ErrorMessage& message);

}  // namespace doorstep
