#include "engine/core/key_agreement.hpp"

#include <sodium.h>

#include <algorithm>
#include <string_view>

#include "engine/core/assert.hpp"

namespace doorstep {
namespace {

static_assert(crypto_scalarmult_BYTES == SharedKey::size);
static_assert(crypto_scalarmult_BYTES == CallKey::size);
static_assert(crypto_scalarmult_SCALARBYTES == Nonce::size);

constexpr std::string_view call_domain = "doorstep call key";

/// Bytes that are wiped when they go.
template <std::size_t N>
struct Secret {
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { sodium_memzero(bytes.data(), N); }
  std::array<std::uint8_t, N> bytes{};
};

// libsodium's secret key is the seed with the public key behind it.
void scalar_of(const KeyPair& keys, Secret<crypto_scalarmult_SCALARBYTES>& out) {
  Secret<crypto_sign_SECRETKEYBYTES> both;
  const auto end = std::ranges::copy(keys.seed.bytes, both.bytes.begin()).out;
  std::ranges::copy(keys.public_key.bytes, end);
  DS_ASSERT(crypto_sign_ed25519_sk_to_curve25519(out.bytes.data(), both.bytes.data()) == 0);
}

std::optional<CallKey> point_of(const PublicKey& key) {
  CallKey point;
  const bool made = crypto_sign_ed25519_pk_to_curve25519(point.bytes.data(), key.bytes.data()) == 0;
  return made ? std::optional(point) : std::nullopt;
}

/// False when it is zero.
bool multiply(const std::uint8_t* scalar, const CallKey& point, std::uint8_t* out) {
  return crypto_scalarmult(out, scalar, point.bytes.data()) == 0;
}

}  // namespace

std::optional<SharedKey> shared_key(const KeyPair& own, const PublicKey& other) {
  const auto point = point_of(other);
  if (!point) return std::nullopt;
  Secret<crypto_scalarmult_SCALARBYTES> scalar;
  Secret<crypto_scalarmult_BYTES> product;
  scalar_of(own, scalar);
  if (!multiply(scalar.bytes.data(), *point, product.bytes.data())) return std::nullopt;
  return SharedKey{long_hash(product.bytes).bytes};
}

CallKeys call_keys_of(const Nonce& secret) {
  CallKeys keys{secret, {}};
  DS_ASSERT(crypto_scalarmult_base(keys.shown.bytes.data(), secret.bytes.data()) == 0);
  return keys;
}

std::optional<SharedKey> call_key(const OwnKeys& own, const OtherKeys& other) {
  constexpr std::size_t size = crypto_scalarmult_BYTES;
  const auto lasting = point_of(other.lasting);
  if (!lasting) return std::nullopt;
  Secret<crypto_scalarmult_SCALARBYTES> scalar;
  scalar_of(own.lasting, scalar);
  const std::uint8_t* mine = scalar.bytes.data();
  const std::uint8_t* fresh = own.fresh.secret.bytes.data();
  const bool hub = own.side == CallSide::hub;
  // In the same order on both sides: the hub's lasting key with both of the device's, then its
  // fresh one with both.
  Secret<call_domain.size() + 4 * size> text;
  std::uint8_t* out = std::ranges::copy(call_domain, text.bytes.data()).out;
  const bool made = multiply(mine, *lasting, out) &&
                    multiply(hub ? mine : fresh, hub ? other.fresh : *lasting, out + size) &&
                    multiply(hub ? fresh : mine, hub ? *lasting : other.fresh, out + 2 * size) &&
                    multiply(fresh, other.fresh, out + 3 * size);
  return made ? std::optional(SharedKey{long_hash(text.bytes).bytes}) : std::nullopt;
}

}  // namespace doorstep
