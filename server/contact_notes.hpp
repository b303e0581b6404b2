// What devices said of themselves when they called, for the fleet list and for the collection of
// what is dead.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// What a device said when it called, for the fleet list.
struct ContactNote {
  DeviceId device;
  Instant at;
  Position cursor;
  Sequence last;
  std::uint64_t pending = 0;
  std::int64_t clock_offset_ms = 0;
  std::string software;
  Fingerprint schema = {};
  std::optional<std::uint64_t> free_bytes = {};
};

/// Of a Hello that was met at `met`, on the hub's clock.
[[nodiscard]] ContactNote note_of(const Hello& hello, Instant met);

/// Writes the notes in one commit; nothing when the hub knows none of the devices.
[[nodiscard]] Status put_contact_notes(HubStore& store,
                                       const std::map<DeviceId, ContactNote>& notes, Instant now,
                                       const CommitToken& token);

}  // namespace doorstep
