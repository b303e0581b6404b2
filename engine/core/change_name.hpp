// What outputs call the kinds of a change. Pure.
#pragma once

#include <string_view>

#include "engine/core/change.hpp"

namespace doorstep {

/// "insert", "update" or "delete".
[[nodiscard]] std::string_view name_of(RowChange::Kind kind);

}  // namespace doorstep
