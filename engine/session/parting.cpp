#include "engine/session/parting.hpp"

#include <string_view>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/common_version.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {
namespace {

constexpr unsigned mib_bits = 20;

}  // namespace

Fingerprint standing_of(Hello hello) {
  hello.signature = {};
  hello.clock.wall_ms = 0;
  hello.clock.boot_ms = 0;
  hello.free_bytes.reset();
  const Bytes text = encode(Message(std::move(hello)));
  const std::array<ByteView, 1> parts{text};
  const Hash hash = hash_of(parts);
  return *Fingerprint::from(hash.view().first(Fingerprint::size));
}

std::optional<CallerName> name_of(const Parting& parting, const KeyPair& hub) {
  const auto key = shared_key(hub, parting.key);
  if (!key) return std::nullopt;
  return caller_name(*key, standing_of(parting.hello));
}

std::optional<Calling> calling_of(Hello hello, const KeyPair& own, const PublicKey& hub_key,
                                  const Nonce& secret) {
  const auto key = shared_key(own, hub_key);
  if (!key) return std::nullopt;
  const Fingerprint standing = standing_of(std::move(hello));
  const CallKeys keys = call_keys_of(secret);
  return Calling{{caller_name(*key, standing), keys.shown}, standing, keys};
}

Remembered remembered_of(const Call& call, const SharedKey& key, const CallKey& fresh) {
  Remembered said{protocol_version_min, protocol_version_max, fresh, {}};
  said.proof = keyed_hash(key, remembered_text(call, said));
  return said;
}

// Of both sides' fresh keys, so that it is of this connection whichever side is asked.
Challenge challenge_on(const Call& call, const PublicKey& hub_key, const Remembered& said) {
  constexpr std::string_view domain = "doorstep call nonce";
  Bytes text(domain.begin(), domain.end());
  text.insert(text.end(), call.fresh.bytes.begin(), call.fresh.bytes.end());
  text.insert(text.end(), said.fresh.bytes.begin(), said.fresh.bytes.end());
  return {said.version_min, said.version_max, call.hub, hub_key, long_hash(text), {}};
}

Status check_remembered(const Remembered& said, const Call& call, const SharedKey& key) {
  if (!same(said.proof, keyed_hash(key, remembered_text(call, said)))) {
    return error(ErrorCode::hub_untrusted, "it has not proved that it is the one known here");
  }
  return check_hub_versions(said.version_min, said.version_max);
}

Again again_of(const Hello& hello, bool live, const Call& call, const Remembered& answered,
               const SharedKey& key) {
  Again said{{}, hello.clock.wall_ms, hello.clock.boot_ms, {}, live};
  if (hello.free_bytes) said.free_mib = *hello.free_bytes >> mib_bits;
  said.proof = keyed_hash(key, again_text(call, answered, said));
  return said;
}

Status check_again(const Again& said, const Call& call, const Remembered& answered,
                   const SharedKey& key) {
  const bool proved = same(said.proof, keyed_hash(key, again_text(call, answered, said)));
  return proved ? Status() : Status(error(ErrorCode::wrong_key));
}

Hello hello_of(const Parting& parting, const Again& said) {
  Hello hello = parting.hello;
  hello.clock.wall_ms = said.wall_ms;
  hello.clock.boot_ms = said.boot_ms;
  hello.free_bytes.reset();
  if (said.free_mib) hello.free_bytes = *said.free_mib << mib_bits;
  return hello;
}

Pull pull_of(const Hello& hello, const Again& said) {
  Pull pull;
  pull.cursor = hello.cursor;
  pull.include = hello.last;
  pull.live = said.live;
  pull.credit = static_cast<std::uint32_t>(limits::changes_in_flight_max);
  pull.holds = hello.holds;
  pull.own_left_out = true;
  return pull;
}

bool is_as_before(const Welcome& welcome, const Hello& hello, const Parting& parting,
                  Position granted_since) {
  return welcome.epoch == hello.cursor.epoch() && welcome.merged == hello.last &&
         granted_since <= hello.cursor && welcome.schema == parting.schema &&
         welcome.version == hello.version_max && welcome.schema_known &&
         welcome.schema_text.empty() && !welcome.visible;
}

}  // namespace doorstep
