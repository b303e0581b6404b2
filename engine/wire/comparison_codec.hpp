// A comparison as a hub keeps it, in one blob; never sent. Pure.
#pragma once

#include "engine/core/bytes.hpp"
#include "engine/core/comparison.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

[[nodiscard]] Bytes encode_comparison(const DeviceComparison& comparison);
/// Error malformed.
[[nodiscard]] Result<DeviceComparison> decode_comparison(ByteView bytes);

}  // namespace doorstep
