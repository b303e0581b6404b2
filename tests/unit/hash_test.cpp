#include "engine/core/hash.hpp"

#include <doctest/doctest.h>

using namespace doorstep;

namespace {

Hash hash_text(std::string_view text) {
  const ByteView part = bytes_of(text);
  return hash_of({&part, 1});
}

}  // namespace

TEST_CASE("BLAKE2b of the empty text and of abc are the published ones") {
  initialise_crypto();
  CHECK(hash_text("").hex() == "cae66941d9efbd404e4d88758ea67670");
  CHECK(long_hash(bytes_of("abc")).hex() ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST_CASE("a hash of parts is the hash of the whole") {
  const std::array<ByteView, 3> parts = {bytes_of("door"), bytes_of(""), bytes_of("step")};
  CHECK(hash_of(parts) == hash_text("doorstep"));
}

TEST_CASE("a link of the chain changes with predecessor, device, sequence and body") {
  const DeviceId device{{1}};
  const Hash first = chain_hash({}, device, {1}, bytes_of("body"));
  CHECK(first == chain_hash({}, device, {1}, bytes_of("body")));
  CHECK(first != chain_hash(first, device, {1}, bytes_of("body")));
  CHECK(first != chain_hash({}, DeviceId{{2}}, {1}, bytes_of("body")));
  CHECK(first != chain_hash({}, device, {2}, bytes_of("body")));
  CHECK(first != chain_hash({}, device, {1}, bytes_of("bodY")));
}

TEST_CASE("the short hash stays what it was: digests of all replicas rest on it") {
  CHECK(to_hex(short_hash(bytes_of(""))) == "99aa06d3014798d86001c324468d497f");
  CHECK(to_hex(short_hash(bytes_of("doorstep"))) == "38fd583b41988c553719c2608eaaafa0");
}

TEST_CASE(
    "a device proves itself: its signature verifies, and no altered message, signature or key "
    "does") {
  initialise_crypto();
  Nonce seed;  // RFC 8032 section 7.1, test 1
  const auto bytes = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  REQUIRE(bytes);
  seed = *Nonce::from(*bytes);
  const KeyPair keys = key_pair_of(seed);
  CHECK(keys.public_key.hex() ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  Signature signature = sign(keys, {});
  CHECK(signature.hex() ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  CHECK(verify(keys.public_key, {}, signature));
  CHECK_FALSE(verify(keys.public_key, bytes_of("x"), signature));
  CHECK_FALSE(verify(key_pair_of(Nonce{{7}}).public_key, {}, signature));
  signature.bytes[3] ^= 1U;
  CHECK_FALSE(verify(keys.public_key, {}, signature));
}
