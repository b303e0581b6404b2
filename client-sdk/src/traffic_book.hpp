// What a replica remembers of its traffic: bytes by reason, today's and all, and what the next sync
// may go by. One value of ds_meta, written once for each connection; one that is missing or cannot
// be read begins anew.
#pragma once

#include <optional>

#include "engine/core/ids.hpp"
#include "engine/session/traffic.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Of one connection, or several.
struct TrafficNote {
  Traffic traffic;
  Sequence sent_through;     ///< newest own transaction sent so far, as the hub counts them
  std::uint64_t pushed = 0;  ///< transactions
  std::uint64_t pulled = 0;  ///< rows
  /// What the hub still had, as it said last; no value: nothing was heard of it.
  std::optional<std::uint64_t> rows_waiting;
};

struct TrafficRecord {
  std::int64_t day = 0;  ///< that `today` is of: days since 1970, UTC, on this device's clock
  Traffic today;
  Traffic ever;
  std::uint64_t connections = 0;
  DeviceId device;  ///< whose numbers `newest.sent_through` counts
  TrafficNote newest;
  std::uint64_t pushed = 0;  ///< these two: over all notes
  std::uint64_t pulled = 0;

  /// Today's as of that moment.
  [[nodiscard]] Traffic on(std::int64_t wall_ms) const;
};

[[nodiscard]] Result<TrafficRecord> load_traffic(sqlite::Database& db);
/// Adds a note, in one storage transaction.
[[nodiscard]] Status add_traffic(sqlite::Database& db, const DeviceId& device,
                                 const TrafficNote& note, std::int64_t wall_ms);

}  // namespace doorstep
