// Whether a value is as its column stores it. A hub asks it of every cell that it is sent.
#pragma once

#include "engine/core/schema.hpp"

namespace doorstep {

/// True when normalise() of the value would give the value itself. Copies nothing but sets.
[[nodiscard]] bool is_stored_form(const Column& column, const Value& value);

}  // namespace doorstep
