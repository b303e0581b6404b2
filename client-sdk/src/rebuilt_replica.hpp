// The replica that takes a damaged one's place: the same device, with all that it had not sent.
#pragma once

#include <string>

#include "client-sdk/src/replica_files.hpp"
#include "client-sdk/src/rescued_chain.hpp"

namespace doorstep {

struct Rebuilt {
  bool rows_kept = false;  ///< false: the next sync loads everything
  std::uint64_t rows = 0;  ///< of the app's tables, that were taken over
};

/// The file with its log and what belongs to them.
void remove_database(const std::string& path, const ReplicaFiles& files);

/// Makes the file at `path`, in place of what an earlier attempt left there; whole and durable on
/// return. Where everything that the rows lean on could be read they are taken over, and the next
/// sync compares them with the hub's by buckets; else the replica begins with its own unsent work
/// alone.
[[nodiscard]] Result<Rebuilt> rebuild_replica(const std::string& path, DamagedReplica& damaged,
                                              const RescuedIdentity& identity,
                                              const RescuedChain& chain, const ReplicaSeams& seams);

}  // namespace doorstep
