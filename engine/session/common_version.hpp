// Whether both ends of a connection speak a version of the protocol in common.
#pragma once

#include <cstdint>

#include "engine/core/result.hpp"

namespace doorstep {

/// The versions that a device speaks. Error version_unsupported, with both ranges.
[[nodiscard]] Status check_version(std::uint16_t min, std::uint16_t max);
/// The versions that a hub speaks. Error version_unsupported, with its range.
[[nodiscard]] Status check_hub_versions(std::uint16_t min, std::uint16_t max);
/// The version that a hub chose of those that this device offered. Error version_unsupported.
[[nodiscard]] Status check_chosen_version(std::uint16_t version);

}  // namespace doorstep
