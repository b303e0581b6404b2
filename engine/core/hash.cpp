#include "engine/core/hash.hpp"

#include <sodium.h>

// Within this file: a call costs as much as a short cell.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "engine/core/assert.hpp"

namespace doorstep {
namespace {

static_assert(Hash::size >= crypto_generichash_BYTES_MIN);
static_assert(crypto_sign_SEEDBYTES == Nonce::size);
static_assert(crypto_sign_PUBLICKEYBYTES == PublicKey::size);
static_assert(crypto_sign_BYTES == Signature::size);
static_assert(crypto_generichash_KEYBYTES == SharedKey::size);

class Blake2b {
 public:
  explicit Blake2b(std::size_t size) {
    DS_ASSERT(crypto_generichash_init(&state_, nullptr, 0, size) == 0);
  }
  void add(ByteView part) {
    DS_ASSERT(crypto_generichash_update(&state_, part.data(), part.size()) == 0);
  }
  void finish(std::span<std::uint8_t> out) {
    DS_ASSERT(crypto_generichash_final(&state_, out.data(), out.size()) == 0);
  }

 private:
  crypto_generichash_state state_{};
};

/// libsodium's secret key is the seed with the public key behind it; wiped when it goes.
class SecretKey {
 public:
  explicit SecretKey(const KeyPair& keys) {
    std::copy(keys.seed.bytes.begin(), keys.seed.bytes.end(), bytes_.begin());
    std::copy(keys.public_key.bytes.begin(), keys.public_key.bytes.end(),
              bytes_.begin() + Nonce::size);
  }
  SecretKey() = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }

 private:
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> bytes_{};
};

}  // namespace

void initialise_crypto() { DS_ASSERT(sodium_init() >= 0); }

Hash hash_of(std::span<const ByteView> parts) {
  Blake2b state(Hash::size);
  for (const ByteView part : parts) state.add(part);
  Hash out;
  state.finish(out.bytes);
  return out;
}

Hash chain_hash(const Hash& previous, const DeviceId& device, Sequence sequence, ByteView body) {
  std::array<std::uint8_t, 8> number{};
  for (std::size_t i = 0; i < number.size(); ++i) {
    number[i] = static_cast<std::uint8_t>(sequence.value >> (8U * (7U - i)));
  }
  const std::array<ByteView, 4> parts = {previous.view(), device.view(), number, body};
  return hash_of(parts);
}

Nonce long_hash(ByteView bytes) {
  Blake2b state(Nonce::size);
  state.add(bytes);
  Nonce out;
  state.finish(out.bytes);
  return out;
}

std::array<std::uint8_t, 16> short_hash(ByteView bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return std::to_array(canonical.digest);
}

KeyPair key_pair_of(const Nonce& seed) {
  KeyPair keys{seed, {}};
  SecretKey secret;
  DS_ASSERT(crypto_sign_seed_keypair(keys.public_key.bytes.data(), secret.data(),
                                     seed.bytes.data()) == 0);
  return keys;
}

Signature sign(const KeyPair& keys, ByteView message) {
  SecretKey secret(keys);
  Signature out;
  DS_ASSERT(crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(),
                                 secret.data()) == 0);
  return out;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

Hash keyed_hash(const SharedKey& key, ByteView message) {
  Hash out;
  DS_ASSERT(crypto_generichash(out.bytes.data(), Hash::size, message.data(), message.size(),
                               key.bytes.data(), SharedKey::size) == 0);
  return out;
}

bool same(const Hash& a, const Hash& b) {
  return sodium_memcmp(a.bytes.data(), b.bytes.data(), Hash::size) == 0;
}

}  // namespace doorstep
