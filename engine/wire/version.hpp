// The protocol version: the only place in the code where it is written; docs/protocol.md names the
// same.
#pragma once

#include <cstdint>

namespace doorstep {

/// Versions that this build speaks, both ends included. hello and enrol carry the device's range,
/// welcome the one chosen: the highest that both know.
inline constexpr std::uint16_t protocol_version_min = 1;
inline constexpr std::uint16_t protocol_version_max = 1;

}  // namespace doorstep
