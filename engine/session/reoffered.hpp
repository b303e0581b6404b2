// Transactions of a history that the hub has lost, on their way into the merge (SEMANTICS G3).
// Pure.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// The least that any part of it says to have observed.
[[nodiscard]] Position least_observed(const Transaction& transaction);

/// What is to be kept, by author, of those that one commit takes. Where an author's say different
/// things, what holds for all of them.
[[nodiscard]] std::map<DeviceId, Reoffered> reoffered_of(
    std::span<const IncomingTransaction> transactions);

/// Does this transaction come from a history that the hub has lost? `was`: what its push says.
[[nodiscard]] std::optional<Reoffer> reoffer_of(const DeviceRecord& device, Sequence sequence,
                                                Position was);

}  // namespace doorstep
