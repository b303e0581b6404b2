// The chain of own transactions as this replica holds it.
#pragma once

#include <span>

#include "client-sdk/src/replica_state.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// That what is about to be sent is what was written, by the hash of each: `hashes` are those of
/// its bodies. Error replica_damaged.
[[nodiscard]] Status check_written(sqlite::Database& db, const ReplicaState& state,
                                   const Push& push, std::span<const Hash> hashes);

}  // namespace doorstep
