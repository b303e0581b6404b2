// Keys that two sides come to without saying them: X25519 (RFC 7748), from libsodium. Pure.
#pragma once

#include <optional>

#include "engine/core/hash.hpp"

namespace doorstep {

/// What the owners of two key pairs both can compute and nobody else: BLAKE2b-256 of X25519 over
/// the same keys in their Montgomery form. nullopt when `other` is no key.
[[nodiscard]] std::optional<SharedKey> shared_key(const KeyPair& own, const PublicKey& other);

/// A key pair of X25519 that lives as long as one connection.
struct CallKeys {
  Nonce secret;
  CallKey shown;
};
/// `secret` is fresh random.
[[nodiscard]] CallKeys call_keys_of(const Nonce& secret);

enum class CallSide { hub, device };
struct OwnKeys {
  CallSide side;
  const KeyPair& lasting;
  const CallKeys& fresh;
};
struct OtherKeys {
  const PublicKey& lasting;
  const CallKey& fresh;
};
/// The key of one connection: BLAKE2b-256 over four products of X25519, each side's lasting and
/// fresh key with each of the other's. That is what pattern KK of the Noise protocol framework
/// (revision 34, section 7.5) mixes: who has stolen one side's lasting key is still not the other
/// side to it, and what was said cannot be computed from both lasting keys later. nullopt when a
/// key of the other's is none, or a product is zero.
[[nodiscard]] std::optional<SharedKey> call_key(const OwnKeys& own, const OtherKeys& other);

}  // namespace doorstep
