// Where transactions are missing that no phone holds any more (SEMANTICS G1), a chain goes on from
// the hash of the newest of them. Pure given its store.
#pragma once

#include <optional>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// The newest transaction of a gap stands on record by its hash alone; nullopt: no gap of the
/// device ends with this sequence.
[[nodiscard]] Result<std::optional<TransactionRecord>> end_of_gap(HubCommit& commit,
                                                                  const DeviceId& device,
                                                                  Sequence sequence);

}  // namespace doorstep
