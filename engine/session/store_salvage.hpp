// Rows that a device sends after its transaction was quarantined (SEMANTICS D4): kept beside it for
// the person who looks at it. Pure given its store.
#pragma once

#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// One part, as received from the device that has proved to be this one.
struct SalvageRequest {
  DeviceId device;
  Salvage salvage;
};

/// A commit of its own; on return the part survives power loss. A part that is there already is
/// replaced by its like; one of a transaction that a person has settled meanwhile is not needed any
/// more and passed over. Errors, with nothing stored: device_unknown, device_revoked,
/// unexpected_message when no transaction of that number of this device is quarantined.
[[nodiscard]] Result<Salvaged> store_salvage(HubStore& store, const SalvageRequest& request,
                                             Instant now, const CommitToken& token);

}  // namespace doorstep
