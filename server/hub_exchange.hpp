// One hub.db takes the place of another: a restore, or a hub that is begun anew. The one before is
// kept beside it under a name that says when it was put away.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/time.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

struct HubExchange {
  std::filesystem::path put_away;  ///< where the database before is now; empty: there was none
  std::uint64_t epoch = 0;         ///< that has begun
  Position head;                   ///< of what is in place
};

/// Puts a copy of `file` in place of the hub in `dir`, once it was read whole and found sound, and
/// begins an epoch that is newer than both. `file` stays as it is. Caller holds the folder's lock.
/// Errors: not_a_hub, corrupt, other_hub, replica_version, io_error, disk_full.
[[nodiscard]] Result<HubExchange> restore_hub(const std::filesystem::path& dir,
                                              const std::filesystem::path& file, Instant now,
                                              Random& random);

/// Puts a hub without rows in its place: the same hub with its newest schema and its devices, each
/// with what was merged of it, in an epoch without parent. Caller holds the folder's lock.
[[nodiscard]] Result<HubExchange> reset_hub(const std::filesystem::path& dir, Instant now,
                                            Random& random);

/// What makes a copy of an older database a restored hub: an epoch of its own, newer than any that
/// it knows and than `known`, in one commit. The number of it.
[[nodiscard]] Result<std::uint64_t> begin_restored(HubStore& store, std::uint64_t known,
                                                   Instant now, Random& random);

/// What a hub that is begun anew keeps of the one before: its devices, each with what was merged of
/// it, and its horizon. In one commit.
[[nodiscard]] Status fill_anew(HubStore& store, const std::vector<DeviceRecord>& devices,
                               std::int64_t horizon_ms, Instant now, Random& random);

}  // namespace doorstep
