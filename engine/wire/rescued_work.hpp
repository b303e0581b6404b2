// What was saved from a phone's damaged file: its unsent and its rejected transactions as they were
// written, who wrote them, and the keys if they could be read. The file is a line of text, one CBOR
// array, its hash, and the signature of the phone's own key over that hash (zero where the key was
// not readable). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/hash.hpp"
#include "engine/core/result.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

struct RescuedTransaction {
  Sequence sequence;      ///< as the hub counts
  Hash hash;              ///< of the chain, as it was written
  Bytes body;             ///< as it was written
  bool rejected = false;  ///< the hub had refused it
  bool on_phone = false;  ///< the phone has it again, and sends it by itself
  friend bool operator==(const RescuedTransaction&, const RescuedTransaction&) = default;
};

struct RescuedWork {
  Instant at;  ///< of the phone's clock
  std::optional<DeviceId> device;
  std::optional<Nonce> key_seed;
  std::string device_name;
  std::string hub_name;
  std::vector<RescuedTransaction> transactions;  ///< ascending
  std::uint64_t unreadable = 0;                  ///< transactions that are known to be lost
  /// Of the file: the phone's key has signed it. Not encoded.
  bool is_signed = false;
  friend bool operator==(const RescuedWork&, const RescuedWork&) = default;
};

[[nodiscard]] Bytes encode_rescued(const RescuedWork& work);
/// Errors: malformed (no such file, or not as it was written), message_too_large.
[[nodiscard]] Result<RescuedWork> decode_rescued(ByteView bytes);

}  // namespace doorstep
