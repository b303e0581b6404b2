// What a hub does when a device stands at a position that the hub does not know (SEMANTICS G2): it
// was restored, by whoever and however, or reset. Pure given its store.
#pragma once

#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// For a device that has proved who it is and whose (cursor, token) is not known here; in a commit
/// of its own, and on return what it did survives power loss. A hub whose epoch is not newer than
/// the device's cursor begins the next one. The answer says what the two have in common; asked
/// again it is the same. Errors: device_unknown, malformed when the epoch would pass its limit.
[[nodiscard]] Result<Restored> begin_epoch(HubStore& store, const Hello& hello, Instant now,
                                           const CommitToken& token);

/// Went what the hub had merged of this device with its rows when it was begun anew, and has the
/// device work for it that was written before it heard of that? One without a cursor cannot know.
[[nodiscard]] Result<bool> is_unaware_of_reset(HubSnapshot& snapshot, const DeviceRecord& device,
                                               const Hello& hello);

}  // namespace doorstep
