#include "engine/session/common_version.hpp"

#include <string>

#include "engine/wire/version.hpp"

namespace doorstep {

Status check_version(std::uint16_t min, std::uint16_t max) {
  if (min <= protocol_version_max && max >= protocol_version_min) return {};
  return error(ErrorCode::version_unsupported, "the device speaks versions " + std::to_string(min) +
                                                   " to " + std::to_string(max) + ", the hub " +
                                                   std::to_string(protocol_version_min) + " to " +
                                                   std::to_string(protocol_version_max));
}

Status check_hub_versions(std::uint16_t min, std::uint16_t max) {
  if (min <= protocol_version_max && max >= protocol_version_min) return {};
  return error(ErrorCode::version_unsupported,
               "the hub speaks versions " + std::to_string(min) + " to " + std::to_string(max));
}

Status check_chosen_version(std::uint16_t version) {
  if (version >= protocol_version_min && version <= protocol_version_max) return {};
  return error(ErrorCode::version_unsupported, "the hub chose " + std::to_string(version));
}

}  // namespace doorstep
