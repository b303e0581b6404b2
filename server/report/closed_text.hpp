// Closed periods as people and machines take them. Pure.
#pragma once

#include <string>
#include <vector>

#include "server/report/closed_reports.hpp"

namespace doorstep {

/// One object: unit, name, period, closings, differences and late rows.
[[nodiscard]] std::string closed_json(const ClosedReport& report, bool chinese);
/// For spreadsheets: a line for each closing, each figure that differs and each late row.
[[nodiscard]] std::string closed_csv(const std::vector<ClosedReport>& reports, bool chinese);
/// One page for printing.
[[nodiscard]] std::string closed_html(const std::vector<ClosedReport>& reports, bool chinese);
/// For a terminal.
[[nodiscard]] std::string closed_lines(const ClosedReport& report, bool chinese);

}  // namespace doorstep
