// Named fault points. In production a point costs one load of a null pointer; tests install a plan
// that says what happens when execution reaches a name (kill the process, throw a simulated power
// loss).
#pragma once

#include <functional>
#include <string_view>

namespace doorstep {

/// Called with the point's name. Installed per process by tests before threads start; null: no
/// faults.
void install_fault_plan(std::function<void(std::string_view)> plan);
/// Runs the plan for `point`, if one is installed.
void fault_point(std::string_view point);

}  // namespace doorstep

#define DS_FAULT(name) ::doorstep::fault_point(name)
