// Where a long pull has got to in a hub's feed. Plain data.
#pragma once

#include <string>

#include "engine/core/ids.hpp"

namespace doorstep {

/// Where a long pull has got to; given by the hub, returned by the device as it is.
struct ScanPoint {
  Position position;
  std::string table;
  std::uint64_t ordinal = 0;
  Position
      started;  ///< the head when this pull began: older tombstones are not sent to an empty cursor
  friend bool operator==(const ScanPoint&, const ScanPoint&) = default;
};

}  // namespace doorstep
