// One hub.db takes the place of another: a restore, or a hub that is begun anew. The one before is
// kept beside it under a name that says when it was put away.
#pragma once

#include <filesystem>
#include <string>

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

}  // namespace doorstep
