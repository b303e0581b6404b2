// The clock that the command runs under. DOORSTEP_WALL_OFFSET_MS, when set, is added to the wall
// clock, so that tests and the demo can give each phone a clock of its own.
#pragma once

#include "client-sdk/src/system_clock.hpp"

namespace doorstep::cli {

[[nodiscard]] const Clock& device_clock();

}  // namespace doorstep::cli
