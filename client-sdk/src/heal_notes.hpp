// What a replica remembers of its checks and reconciles, for `doorstep status`: in ds_meta.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/bucket.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// The last reconcile: when, on the hub's clock, and how the rows had differed.
struct HealNote {
  Instant at;
  std::vector<TableDifference> tables;
  friend bool operator==(const HealNote&, const HealNote&) = default;
};

[[nodiscard]] Status note_healed(sqlite::Database& db, Instant at,
                                 const std::vector<TableDifference>& tables);
[[nodiscard]] Result<std::optional<HealNote>> read_healed(sqlite::Database& db);

/// When all rows were last read against the running sum; zero: never.
[[nodiscard]] Status note_checked(sqlite::Database& db, Instant at);
[[nodiscard]] Result<Instant> checked_at(sqlite::Database& db);

}  // namespace doorstep
