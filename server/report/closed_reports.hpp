// Closed periods beside what the hub has now: what was fixed, what it would be today, and each row
// that came later.
#pragma once

#include <string>
#include <vector>

#include "schema/figures/closing.hpp"
#include "server/report/hub_figures.hpp"
#include "server/report/late_rows.hpp"

namespace doorstep {

struct ClosedReport {
  figures::ClosedPeriod closed;
  std::string unit_name;
  std::vector<figures::Difference> differences;
  /// The closing is of a commit that this hub has; otherwise nobody can say what came later.
  bool is_known = true;
  std::vector<LateRow> late;  ///< since the first closing
  /// The last amendment has this row in its figures.
  [[nodiscard]] bool is_amended(const LateRow& row) const {
    return row.position.number() <= closed.last().position;
  }
};

/// Of a unit and all below it; `period` empty: all.
[[nodiscard]] Result<std::vector<ClosedReport>> closed_reports(HubFigures& hub,
                                                               const HubIdentity& identity,
                                                               const figures::FigureSet& set,
                                                               const std::string& scope,
                                                               const std::string& period);

}  // namespace doorstep
