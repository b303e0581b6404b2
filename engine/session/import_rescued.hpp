// Takes in what was rescued from a phone's damaged file and the phone cannot send itself: under the
// identity that it was written with (SEMANTICS C5), into quarantine, for a person to look at. Works
// beside a running hub. Pure given its store.
#pragma once

#include <optional>

#include "engine/ports/hub_store.hpp"
#include "engine/wire/rescued_work.hpp"

namespace doorstep {

struct RescueImport {
  RescuedWork work;
  /// Whose it is, where the file does not say it and the chain of its hashes does not either.
  std::optional<DeviceId> device;
  Instant now;
  CommitToken token;
};

struct Imported {
  DeviceId device;
  std::uint64_t waiting = 0;   ///< put into quarantine now
  std::uint64_t known = 0;     ///< the hub has them already, or had them in quarantine
  std::uint64_t on_phone = 0;  ///< the phone sends them itself
  std::uint64_t damaged = 0;   ///< not as they were written, by their hash: not taken in
};

/// Each is proven by the hash of the one before it, in the file or at the hub; one that cannot be
/// proven says so in its reason. One hub commit; none when nothing is new. The same file again
/// changes nothing. Errors: device_unknown (none of the hub's devices has written it).
[[nodiscard]] Result<Imported> import_rescued(HubStore& store, const RescueImport& request);

}  // namespace doorstep
