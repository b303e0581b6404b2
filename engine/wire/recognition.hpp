// How a hub and a device begin that parted a while ago and both remember where they stood: three
// short messages in the place of Challenge, Hello with Pull, and Welcome. The device says whom to
// remember when it asks for the WebSocket (Caller). docs/protocol.md, "Recognised". Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

/// What a device says of itself before anything else.
struct Caller {
  DeviceId device;
  CallNonce nonce;  ///< fresh random for this connection: what the hub answers is of now
  friend bool operator==(const Caller&, const Caller&) = default;
};

/// 64 hexadecimal digits: device, nonce.
[[nodiscard]] std::string text_of(const Caller& caller);
/// nullopt: not such a text.
[[nodiscard]] std::optional<Caller> read_caller(std::string_view text);

/// hub -> device, instead of Challenge: it remembers the caller, and is who the caller knows.
struct Remembered {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  CallNonce nonce;       ///< fresh random for this connection
  Fingerprint standing;  ///< standing_of() the Hello that it would expect
  Hash proof;            ///< keyed_hash() of remembered_text()
  friend bool operator==(const Remembered&, const Remembered&) = default;
};

/// device -> hub, instead of Hello and a Pull from its cursor: all is as it was, but for this.
struct Again {
  Hash proof;  ///< keyed_hash() of again_text()
  std::int64_t wall_ms = 0;
  std::int64_t boot_ms = 0;  ///< of the same boot
  std::optional<std::uint64_t> free_mib = {};  ///< whole MiB of Hello's free_bytes
  bool live = false;  ///< of the pull
  friend bool operator==(const Again&, const Again&) = default;
};

/// hub -> device, instead of Welcome: so it is here.
struct AsBefore {
  Instant now;                   ///< the hub's clock
  std::uint64_t push_bytes = 0;  ///< may be sent unacknowledged
  friend bool operator==(const AsBefore&, const AsBefore&) = default;
};

/// What both proofs speak of: this connection and nothing else. `binding` as for Challenge.
struct Call {
  HubId hub;
  Caller caller;
  ByteView binding;
};

/// What the hub proves with Remembered.
[[nodiscard]] Bytes remembered_text(const Call& call, const Remembered& said);
/// What the device proves with Again.
[[nodiscard]] Bytes again_text(const Call& call, const Remembered& answered, const Again& said);

}  // namespace doorstep
