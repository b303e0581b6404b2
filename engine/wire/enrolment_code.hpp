// The one-time code that a township hands to a volunteer: 10 random bytes and the first 10 bytes of
// BLAKE2b-256 of the hub's public key, written in Crockford's base 32 as 8 groups of 4. Reading
// forgives case, spaces, hyphens and the look-alikes I, L, O. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

struct EnrolmentCode {
  std::array<std::uint8_t, 10> secret{};
  std::array<std::uint8_t, 10> hub_fingerprint{};

  [[nodiscard]] std::string text() const;  ///< "7K3Q-...": 8 groups
  /// Error code_unknown when it cannot be such a code.
  [[nodiscard]] static Result<EnrolmentCode> parse(std::string_view text);
  /// True when `key` is the hub's that issued the code.
  [[nodiscard]] bool vouches_for(const PublicKey& key) const;
};

[[nodiscard]] std::array<std::uint8_t, 10> fingerprint_of(const PublicKey& key);

}  // namespace doorstep
