// The explanation of a cell as one JSON object: what `doorstepd explain --json` prints.
#pragma once

#include <string>

#include "server/explain.hpp"

namespace doorstep {

[[nodiscard]] std::string json_of(const Table& table, const CellExplanation& cell);

}  // namespace doorstep
