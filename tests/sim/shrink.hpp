// A shorter script that fails in the same way.
#pragma once

#include <functional>

#include "tests/sim/script.hpp"

namespace doorstep::sim {

/// Leaves out what is not needed for `fails` to stay true: lines by delta debugging (Zeller and
/// Hildebrandt, 2002), then phones. Precondition: fails(script).
[[nodiscard]] Script shrink(Script script, const std::function<bool(const Script&)>& fails);

}  // namespace doorstep::sim
