#include "engine/core/comparison.hpp"

#include <algorithm>

namespace doorstep {

std::string_view name_of(CellDifference::What what) {
  switch (what) {
    case CellDifference::What::changed:
      return "changed";
    case CellDifference::What::missing:
      return "missing";
    case CellDifference::What::surplus:
      return "surplus";
  }
  return "";
}

std::string_view name_of(CellDifference::Why why) {
  switch (why) {
    case CellDifference::Why::unexplained:
      return "unexplained";
    case CellDifference::Why::behind:
      return "behind";
    case CellDifference::Why::pending:
      return "pending";
  }
  return "";
}

std::uint64_t DeviceComparison::count(CellDifference::Why why) const {
  return static_cast<std::uint64_t>(
      std::count_if(cells.begin(), cells.end(), [&](const auto& cell) { return cell.why == why; }));
}

bool DeviceComparison::is_equal() const {
  return count(CellDifference::Why::unexplained) == 0 && left_out == 0 &&
         buckets_compared == buckets;
}

}  // namespace doorstep
