// The defects that the simulator is measured by (engine/core/defect.hpp has the switch).
#pragma once

#include <string_view>
#include <vector>

namespace doorstep::sim {

struct Defect {
  std::string_view name;
  std::string_view what;
};

[[nodiscard]] const std::vector<Defect>& all_defects();

}  // namespace doorstep::sim
