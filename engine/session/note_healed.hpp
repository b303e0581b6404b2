// What a device says that its reconciles have put right: counted in its record, and told to whoever
// reads the hub's log. Pure given its store.
#pragma once

#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// A commit of its own, and a line of the log "healed" for each scope and table: device, how many
/// rows and which columns had differed. Repeated for a total that is on record already it does
/// nothing. Error device_unknown.
[[nodiscard]] Result<HealNoted> note_healed(HubStore& store, LogSink& log, const DeviceId& device,
                                            const Healed& healed, Instant now,
                                            const CommitToken& token);

}  // namespace doorstep
