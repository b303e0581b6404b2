// Hashes and signatures, from libsodium and xxHash. Pure functions; call initialise_crypto() once
// per process before any other (it is idempotent and thread-safe).
#pragma once

#include <span>

#include "engine/core/ids.hpp"

namespace doorstep {

void initialise_crypto();

/// BLAKE2b-128 (RFC 7693) of the parts one after another.
[[nodiscard]] Hash hash_of(std::span<const ByteView> parts);

/// The link of a device's chain: BLAKE2b-128 over previous hash, device id, sequence (8 bytes,
/// big-endian) and the transaction's encoded bytes. The first transaction's predecessor is the zero
/// hash.
[[nodiscard]] Hash chain_hash(const Hash& previous, const DeviceId& device, Sequence sequence,
                              ByteView body);

/// BLAKE2b-256, for fingerprints of keys and certificates.
[[nodiscard]] Nonce long_hash(ByteView bytes);

/// XXH3 with 128-bit output (xxHash 0.8), in its canonical byte order: fast on short input, no
/// defence against one who chooses the input.
[[nodiscard]] std::array<std::uint8_t, 16> short_hash(ByteView bytes);

/// An Ed25519 key pair (RFC 8032). The seed is the private key and never leaves the device or hub.
struct KeyPair {
  Nonce seed;
  PublicKey public_key;
};
[[nodiscard]] KeyPair key_pair_of(const Nonce& seed);
[[nodiscard]] Signature sign(const KeyPair& keys, ByteView message);
[[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature);

/// BLAKE2b-128 keyed with `key` (RFC 7693 section 2.9): who has the key has said this.
[[nodiscard]] Hash keyed_hash(const SharedKey& key, ByteView message);
/// Whether two hashes are equal, in a time that does not tell where they differ.
[[nodiscard]] bool same(const Hash& a, const Hash& b);

}  // namespace doorstep
