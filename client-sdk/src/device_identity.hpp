// Who a replica is for the hub, and how a copy of another goes on as a device of its own (SEMANTICS
// C5). Used inside the caller's storage transaction.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "client-sdk/src/replica_state.hpp"
#include "engine/ports/device_store.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

/// A device id (UUIDv7) and keys that nobody has.
[[nodiscard]] Successor new_device(const ClockProbe& now, Random& random);

/// nullopt when no copy was noticed.
[[nodiscard]] Result<std::optional<Successor>> load_successor(sqlite::Database& db);
[[nodiscard]] Status save_successor(sqlite::Database& db, const Successor& successor);

/// The replica is the successor from here on: sequences from 1, a chain from the start.
/// Precondition: everything that was written is in a checkpoint.
[[nodiscard]] Status take_over(sqlite::Database& db, const Successor& successor);

/// Who it was before, the oldest first: their work is this phone's own.
[[nodiscard]] Result<std::vector<DeviceId>> earlier_devices(sqlite::Database& db);

/// Over who the replica is, its keys and its hub: damage in one of them would look like another
/// phone, or another hub. Kept beside them, and compared at every open.
[[nodiscard]] Status keep_identity_sum(sqlite::Database& db);
/// Error corrupt when one of them is not as it was written.
[[nodiscard]] Status check_identity_sum(sqlite::Database& db);
/// Of the parts in the order of identity_parts.
[[nodiscard]] Hash identity_sum(std::span<const Bytes> parts);
inline constexpr std::array identity_parts{meta::device, meta::key_seed, meta::hub, meta::hub_key,
                                           meta::earlier_devices};

/// What the hub says of transactions, by their numbers on this replica.
[[nodiscard]] Ack here(const Ack& told, const ReplicaState& state);

}  // namespace doorstep
