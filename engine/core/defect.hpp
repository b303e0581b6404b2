// Known defects that can be switched on, one at a time, to see that the simulator finds them. Only
// a build with DOORSTEP_DEFECTS has them (`./dev sim --defect NAME` makes one of its own); in every
// other DS_DEFECT is the constant false and nothing of it is left.
#pragma once

#include <string>
#include <string_view>

namespace doorstep {

/// The one that is on from now on, in this process; empty: none. Before threads start.
void switch_defect_on(std::string name);
[[nodiscard]] bool defect_is_on(std::string_view name);

#ifdef DOORSTEP_DEFECTS
inline constexpr bool has_defects = true;
#define DS_DEFECT(name) ::doorstep::defect_is_on(name)
#else
inline constexpr bool has_defects = false;
#define DS_DEFECT(name) false
#endif

}  // namespace doorstep
