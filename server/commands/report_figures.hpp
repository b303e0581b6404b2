// What the commands on figures ask first.
#pragma once

#include <string>

#include "schema/figures/report.hpp"

namespace doorstep::commands {

/// The unit above all others; error not_found when there is none, or more than one.
[[nodiscard]] Result<std::string> top_unit(const figures::RunQuery& run);

/// Those of a file; empty: of the village. Errors not_found, malformed.
[[nodiscard]] Result<figures::FigureSet> figures_of(const std::string& file);

}  // namespace doorstep::commands
