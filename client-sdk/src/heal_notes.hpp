// What a replica remembers of its checks and reconciles, for `doorstep status`: in ds_meta.
#pragma once

#include <optional>
#include <vector>

#include <doorstep/replica.hpp>

#include "engine/core/bucket.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// The last reconcile: when, on the hub's clock, and how the rows had differed.
struct HealNote {
  Instant at;
  std::vector<TableDifference> tables;
  std::uint64_t total = 0;           ///< rows that reconciles have ever put right
  std::optional<Instant> healed_at;  ///< when one last did
  friend bool operator==(const HealNote&, const HealNote&) = default;
};

[[nodiscard]] Status note_healed(sqlite::Database& db, Instant at,
                                 const std::vector<TableDifference>& tables);
[[nodiscard]] Result<std::optional<HealNote>> read_healed(sqlite::Database& db);

/// What was healed, while the hub has not noted it.
[[nodiscard]] Result<std::optional<Healed>> unnoted_heal(sqlite::Database& db);
/// The hub has noted so much; passed over unless it is the total.
[[nodiscard]] Status note_heal_noted(sqlite::Database& db, std::uint64_t total);

/// When the hub was last found to have lost something; as SqliteDeviceStore::note_restored() noted
/// it.
[[nodiscard]] Result<std::optional<ReplicaStatus::HubLoss>> read_hub_loss(sqlite::Database& db);

/// Reads all rows against the running sum when that was last done more than
/// limits::check_interval_ms before `time`, or with `now`. A difference makes the next sync
/// reconcile. Inside a write transaction.
[[nodiscard]] Status check_base(sqlite::Database& db, const Schema& schema, Instant time, bool now);

}  // namespace doorstep
