// What a pull asks of a hub's feed beside what is newer than its cursor, and where a long pull has
// got to. Plain data.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/ids.hpp"

namespace doorstep {

/// A column by names, for they travel: hub and device may have different schemas.
struct NewColumn {
  std::string table;
  std::string column;
  friend auto operator<=>(const NewColumn&, const NewColumn&) = default;
};

/// Where a long pull has got to; given by the hub, returned by the device as it is.
struct ScanPoint {
  Position position;
  std::string table;
  std::uint64_t ordinal = 0;
  Position
      started;  ///< the head when this pull began: older tombstones are not sent to an empty cursor
  Fingerprint asked = {};  ///< asked_fingerprint() of this pull: it goes on with the same only
  friend bool operator==(const ScanPoint&, const ScanPoint&) = default;
};

/// Of a set of scopes, ascending; zero for none. The two sides compare it to see whether they mean
/// the same scopes.
[[nodiscard]] Fingerprint scopes_fingerprint(std::span<const ScopeId> scopes);
/// Of what a pull wants from the beginning of the feed; zero when that is nothing.
[[nodiscard]] Fingerprint asked_fingerprint(std::span<const ScopeId> new_scopes,
                                            std::span<const NewColumn> new_columns);

}  // namespace doorstep
