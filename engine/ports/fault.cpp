#include "engine/ports/fault.hpp"

#include <utility>

namespace doorstep {
namespace {

std::function<void(std::string_view)>& installed_plan() {
  static std::function<void(std::string_view)> plan;
  return plan;
}

}  // namespace

void install_fault_plan(std::function<void(std::string_view)> plan) {
  installed_plan() = std::move(plan);
}

void fault_point(std::string_view point) {
  if (const auto& plan = installed_plan()) {
    plan(point);
  }
}

}  // namespace doorstep
