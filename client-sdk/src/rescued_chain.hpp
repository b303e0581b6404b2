// What of a damaged replica's own work goes on, and what cannot: the transactions that no
// checkpoint includes, in order, each proven by the hash of the one before it (SEMANTICS C5).
#pragma once

#include <optional>
#include <vector>

#include "client-sdk/src/damaged_replica.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// Who the phone was, as far as it could be read; all of it or nothing.
struct RescuedIdentity {
  NewReplica enrolment;
  Schema schema;
  std::vector<DeviceId> earlier;
};
[[nodiscard]] std::optional<RescuedIdentity> identity_in(const DamagedReplica& damaged,
                                                         const ReplicaSeams& seams);

/// Numbers are those of the replica.
struct RescuedChain {
  Sequence earlier;
  Sequence included;                    ///< in a checkpoint through here
  std::optional<Hash> included_hash;    ///< of that one; nullopt: it cannot be read
  Sequence last;                        ///< newest of the unbroken chain after it
  Sequence known;                       ///< newest that the phone is known to have written
  std::optional<Hash> head;             ///< after `last`; nullopt: it cannot be read
  std::vector<KeptTransaction> unsent;  ///< included < sequence <= last; rejected ones too
  std::vector<KeptTransaction> left;    ///< found behind a gap; of each number the likeliest
  std::uint64_t unreadable = 0;         ///< numbers through `known` of which nothing was found
};
/// Without `schema` and `device` nothing is proven, and everything is left.
[[nodiscard]] RescuedChain chain_in(const DamagedReplica& damaged, const Schema* schema,
                                    const DeviceId* device);

}  // namespace doorstep
