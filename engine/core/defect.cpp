#include "engine/core/defect.hpp"

#include <utility>

// Only the simulator's build with defects calls this. GCOVR_EXCL_START
namespace doorstep {
namespace {

std::string& name_of_defect() {
  static std::string name;
  return name;
}

}  // namespace

void switch_defect_on(std::string name) { name_of_defect() = std::move(name); }

bool defect_is_on(std::string_view name) { return name_of_defect() == name; }

}  // namespace doorstep
// GCOVR_EXCL_STOP
