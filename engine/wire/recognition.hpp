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
  CallerName name;  ///< caller_name(): it tells its hub who calls and where it stands, nobody else
  CallKey fresh;    ///< made for this connection: what the hub answers is of now
  friend bool operator==(const Caller&, const Caller&) = default;
};

/// 96 hexadecimal digits: name, fresh key.
[[nodiscard]] std::string text_of(const Caller& caller);
/// nullopt: not such a text.
[[nodiscard]] std::optional<Caller> read_caller(std::string_view text);

/// `key` is shared_key() of both sides' lasting keys, `standing` standing_of() the Hello that the
/// device would say.
[[nodiscard]] CallerName caller_name(const SharedKey& key, const Fingerprint& standing);

/// hub -> device, instead of Challenge: it remembers the caller as it stands, and is who the caller
/// knows.
struct Remembered {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  CallKey fresh;  ///< made for this connection
  Hash proof;     ///< keyed_hash() of remembered_text()
  friend bool operator==(const Remembered&, const Remembered&) = default;
};

/// device -> hub, instead of Hello and a Pull from its cursor: all is as it was, but for this.
struct Again {
  Hash proof;  ///< keyed_hash() of again_text()
  std::int64_t wall_ms = 0;
  std::int64_t boot_ms = 0;                    ///< of the same boot
  std::optional<std::uint64_t> free_mib = {};  ///< whole MiB of Hello's free_bytes
  bool live = false;                           ///< of the pull
  friend bool operator==(const Again&, const Again&) = default;
};

/// hub -> device, instead of Welcome: so it is here.
struct AsBefore {
  Instant now;                                   ///< the hub's clock
  std::optional<std::uint64_t> push_bytes = {};  ///< of Welcome; no value: the most that there is
  friend bool operator==(const AsBefore&, const AsBefore&) = default;
};

/// What both proofs speak of: this connection and nothing else. Their key is call_key().
struct Call {
  HubId hub;
  DeviceId device;
  CallKey fresh;     ///< the device's
  ByteView binding;  ///< as for Challenge
};

/// What the hub proves with Remembered.
[[nodiscard]] Bytes remembered_text(const Call& call, const Remembered& said);
/// What the device proves with Again.
[[nodiscard]] Bytes again_text(const Call& call, const Remembered& answered, const Again& said);

}  // namespace doorstep
