// The order of a hub's feed and what of it a device sees (SEMANTICS A1 to A3, D7), as every
// HubStore applies it. The feed is ordered by (position, part, ordinal): a part is a table's name
// for live rows, or one of feed_part for the rest, and the ordinal is the store's own number of the
// item, stable as long as the item keeps its position. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// Parts of the feed that are not live rows. No table has such a name, and all sort after every
/// table.
namespace feed_part {
inline constexpr std::string_view conflicts = "~conflict";
inline constexpr std::string_view departures = "~departure";
/// Not of the feed: buckets that a reconcile states anew; the ordinal counts those done.
inline constexpr std::string_view refill = "~refill";
inline constexpr std::string_view tombstones = "~tombstone";
}  // namespace feed_part

/// The place of one item in the feed.
struct FeedKey {
  Position position;
  std::string part;
  std::uint64_t ordinal = 0;
  friend auto operator<=>(const FeedKey&, const FeedKey&) = default;
};

/// True when an item at `key` is still to come after `scan`. A scan point without a table has all
/// items of its position behind it.
[[nodiscard]] bool follows(const FeedKey& key, const ScanPoint& scan);

/// Where a pull begins to read: at the cursor, or at the beginning of the feed when it asks for new
/// scopes or columns.
[[nodiscard]] ScanPoint scan_start(const FeedRequest& request);

/// The position after which an item of this scope and part is read; zero when it is new to the
/// device. `part`: a table's name or one of feed_part.
[[nodiscard]] Position read_after(const FeedRequest& request, const ScopeId& scope,
                                  std::string_view part);

/// True when a batch that ends at `next` can be staged: what was staged before ends earlier in the
/// feed and belongs to the same pull, or, with nothing staged, `next` lies after `cursor` or
/// belongs to a pull that began at the beginning of the feed.
[[nodiscard]] bool continues(const ScanPoint& next, Position cursor,
                             const std::optional<ScanPoint>& staged);

/// The head when this pull began: what the scan point says, else `head`.
[[nodiscard]] Position started_of(const FeedRequest& request, Position head);

/// Tombstones, departures and withdrawn conflicts are shown only after this position: a device that
/// starts from nothing needs none that is older than its pull.
[[nodiscard]] Position removals_after(const FeedRequest& request, Position head);

/// Open and decided conflicts are everyone's who sees the scope, automatic ones their loser's;
/// `scopes` of the request must already hold the conflict's.
[[nodiscard]] bool shows(const FeedRequest& request, const Conflict& conflict,
                         Position removals_after);

/// A live row whose whole life is one insert of `device` (SEMANTICS A6): nobody else has written to
/// it, nor has the device since.
[[nodiscard]] bool is_own_insert(const StoredRow& row, const DeviceId& device);

/// Rows written and removed.
[[nodiscard]] std::uint64_t rows_in(const Changes& changes);

/// What an item counts against FeedRequest::bytes_max: its values and keys, without the wire's
/// savings.
[[nodiscard]] std::size_t feed_bytes(const StoredRow& row);
[[nodiscard]] std::size_t feed_bytes(const Departure& departure);
[[nodiscard]] std::size_t feed_bytes(const Conflict& conflict);

}  // namespace doorstep
