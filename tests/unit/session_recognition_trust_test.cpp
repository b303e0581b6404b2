// Somebody else in the place of a phone or of its hub: what each stolen key is good for, and what a
// watcher of the line can do with what he has heard.
#include <doctest/doctest.h>

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "engine/session/device_hello.hpp"
#include "engine/session/partings.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/parted.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

// A key that signs, and is no point of X25519: an honest one plus the point of order two.
struct MixedKey {
  KeyPair honest;
  PublicKey shown;
};
MixedKey mixed_key(const Nonce& seed) {
  MixedKey key{key_pair_of(seed), {}};
  std::array<std::uint8_t, 32> two;
  two.fill(0xff);
  two[0] = 0xec;
  two[31] = 0x7f;
  REQUIRE(crypto_core_ed25519_add(key.shown.bytes.data(), key.honest.public_key.bytes.data(),
                                  two.data()) == 0);
  return key;
}
Signature sign_with(const MixedKey& key, ByteView text) {
  std::array<std::uint8_t, 64> wide{};
  crypto_hash_sha512(wide.data(), key.honest.seed.bytes.data(), 32);
  wide[0] &= 248;
  wide[31] = static_cast<std::uint8_t>((wide[31] & 127) | 64);
  std::array<std::uint8_t, 64> low{};
  std::copy_n(wide.begin(), 32, low.begin());
  std::array<std::uint8_t, 32> a{};
  std::array<std::uint8_t, 32> r{};
  std::array<std::uint8_t, 32> h{};
  std::array<std::uint8_t, 32> s{};
  crypto_core_ed25519_scalar_reduce(a.data(), low.data());
  Signature out;
  do {
    crypto_core_ed25519_scalar_random(r.data());
    REQUIRE(crypto_scalarmult_ed25519_base_noclamp(out.bytes.data(), r.data()) == 0);
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, out.bytes.data(), 32);
    crypto_hash_sha512_update(&state, key.shown.bytes.data(), 32);
    crypto_hash_sha512_update(&state, text.data(), text.size());
    crypto_hash_sha512_final(&state, wide.data());
    crypto_core_ed25519_scalar_reduce(h.data(), wide.data());
  } while ((h[0] & 1) != 0);
  crypto_core_ed25519_scalar_mul(s.data(), h.data(), a.data());
  crypto_core_ed25519_scalar_add(s.data(), r.data(), s.data());
  std::copy(s.begin(), s.end(), out.bytes.begin() + 32);
  return out;
}
Message only_message(const std::vector<HubEffect>& effects) {
  for (const HubEffect& effect : effects) {
    if (const auto* frame = std::get_if<hub_effect::SendFrame>(&effect))
      return decode(FrameDecoder().decode(frame->bytes).value()).value();
  }
  FAIL("nothing said");
  return {};
}
Bytes framed(const Message& message) { return FrameEncoder().encode(encode(message)); }

bool looks_up(const std::vector<HubEffect>& effects) {
  return std::any_of(effects.begin(), effects.end(), [](const HubEffect& effect) {
    return std::holds_alternative<hub_effect::LookUpHello>(effect);
  });
}

/// A hub's end of one connection, asked for by `caller` while the hub remembers `known`.
struct HubEnd {
  HubSession session;
  Message first;

  HubEnd(SyncWorld& world, const Caller& caller, const Parting& known, Bytes binding = {})
      : session(world.log, options(world, caller, known, std::move(binding))),
        first(only_message(session.step(world.now, hub_input::Connected{}))) {}
  static HubSession::Options options(SyncWorld& world, const Caller& caller, const Parting& known,
                                     Bytes binding) {
    HubSession::Options made = world.hub_options();
    made.recognised = Recognised{caller, known, world.random.id<Nonce>()};
    made.binding = std::move(binding);
    return made;
  }
  /// Whether the hub believes it.
  bool takes(SyncWorld& world, const Message& message) {
    const Bytes frame = framed(message);
    return looks_up(session.step(world.now, hub_input::Frame{frame}));
  }
};

/// What a phone answers to the first thing that it hears on a connection that it asked for.
Message answer_of(Parted& village, const Phone& phone, const Calling& calling, const Message& heard,
                  Bytes binding = {}) {
  DeviceSession::Options options = village.options_of(phone);
  options.calling = calling;
  options.binding = std::move(binding);
  DeviceSession device(*phone.store, village.world.log, options);
  const Bytes frame = framed(heard);
  for (const auto& effect : device.step(village.world.now, device_input::Frame{frame})) {
    if (const auto* sent = std::get_if<device_effect::SendFrame>(&effect))
      return decode(FrameDecoder().decode(sent->bytes).value()).value();
  }
  FAIL("nothing said");
  return {};
}
bool distrusts(const Message& message) {
  const auto* said = std::get_if<ErrorMessage>(&message);
  return said != nullptr && said->code == static_cast<std::uint64_t>(ErrorCode::hub_untrusted);
}

}  // namespace

TEST_CASE_FIXTURE(Parted, "somebody else under a phone's name proves nothing") {
  SUBCASE("to the hub: what the phone has said on another connection") {
    TestLink heard(world, a, calling());
    heard.run();
    REQUIRE(says<Again>(heard.said_by_device));
    TestLink link(world, a, calling());
    link.to_hub(FrameEncoder().encode(encode(heard.said_by_device.at(0))));
    link.deliver_up();
    REQUIRE(link.hub_error);
    CHECK(link.hub_error->code == ErrorCode::wrong_key);
  }
  SUBCASE("to the phone: what the hub has said on another connection") {
    TestLink heard(world, a, calling());
    const Message said = heard.said_by_hub.at(0);
    REQUIRE(std::holds_alternative<Remembered>(said));
    TestLink link(world, a, calling());
    const Bytes frame = FrameEncoder().encode(encode(said));
    link.device_step(device_input::Frame{frame});
    REQUIRE(link.device_error);
    CHECK(link.device_error->code == ErrorCode::hub_untrusted);
    CHECK_FALSE(says<Hello>(link.said_by_device));
  }
  SUBCASE("to a phone that did not say who calls") {
    TestLink heard(world, a, calling());
    TestLink link(world, a);
    const Bytes frame = FrameEncoder().encode(encode(heard.said_by_hub.at(0)));
    link.device_step(device_input::Frame{frame});
    REQUIRE(link.device_error);
    CHECK(link.device_error->code == ErrorCode::unexpected_message);
  }
  SUBCASE("nor a phone that the hub has another key of") {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(id_of(a)).value();
    record.key = key_pair_of(world.random.id<Nonce>()).public_key;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
    const TestLink link = call(a);
    REQUIRE(link.device_error);
    CHECK(link.device_error->code == ErrorCode::wrong_key);
  }
}

TEST_CASE_FIXTURE(Parted, "a stranger cannot name a phone") {
  const Calling mine = call_of(a);
  CHECK(text_of(mine.caller).find(id_of(a).hex()) == std::string::npos);
  REQUIRE(world.partings.of(mine.caller.name));
  // Where it stands he may know, and every public key.
  const KeyPair stranger = key_pair_of(world.random.id<Nonce>());
  const PublicKey hub_key = world.hub->identity().keys.public_key;
  const PublicKey phone_key = a.store->state()->keys.public_key;
  for (const PublicKey& other : {hub_key, phone_key}) {
    const CallerName name = caller_name(*shared_key(stranger, other), mine.standing);
    CHECK_FALSE(world.partings.of(name));
  }
  CallerName by_id;
  std::ranges::copy(id_of(a).bytes, by_id.bytes.begin());
  CHECK_FALSE(world.partings.of(by_id));
  // Nor does one phone name another.
  const SharedKey of_b = *shared_key(b.store->state()->keys, hub_key);
  CHECK_FALSE(world.partings.of(caller_name(of_b, mine.standing)));
}

TEST_CASE_FIXTURE(Parted,
                  "a call that is heard and repeated gets an answer that it has no use for") {
  const Calling mine = call_of(a);
  const Parting known = left_by(a);
  HubEnd hub(world, mine.caller, known);
  const Message again = answer_of(*this, a, mine, hub.first);
  REQUIRE(std::holds_alternative<Again>(again));
  HubEnd second(world, mine.caller, known);
  REQUIRE(std::holds_alternative<Remembered>(second.first));
  CHECK(second.first != hub.first);
  CHECK_FALSE(second.takes(world, again));
  CHECK(hub.takes(world, again));
  // A whole hello that answered the first is of the first as well.
  HubEnd third(world, mine.caller, known);
  world.edit(a, "household", wang, {{"phone", Value::text("600")}});
  const Message hello = answer_of(*this, a, mine, third.first);
  REQUIRE(std::holds_alternative<Hello>(hello));
  HubEnd fourth(world, mine.caller, known);
  CHECK(fourth.takes(world, hello));  // it asks the store whose key that is
  const auto answer = answer_hello(*world.hub->snapshot().value(), std::get<Hello>(hello));
  const Message said =
      only_message(fourth.session.step(world.now, hub_input::HelloLookedUp{answer}));
  REQUIRE(std::holds_alternative<ErrorMessage>(said));
  CHECK(std::get<ErrorMessage>(said).code == static_cast<std::uint64_t>(ErrorCode::wrong_key));
}

TEST_CASE_FIXTURE(Parted, "who has stolen a phone's key is not its hub") {
  const Calling mine = call_of(a);
  const DeviceState own = a.store->state().value();
  const CallKeys fresh = call_keys_of(world.random.id<Nonce>());
  const Call call{own.hub, own.device, mine.caller.fresh, {}};
  const KeyPair& stolen = own.keys;
  const std::vector<std::optional<SharedKey>> guesses = {
      shared_key(stolen, own.hub_key),
      call_key({CallSide::hub, stolen, fresh}, {stolen.public_key, mine.caller.fresh}),
      call_key({CallSide::hub, stolen, fresh}, {own.hub_key, mine.caller.fresh}),
      call_key({CallSide::device, stolen, fresh}, {own.hub_key, mine.caller.fresh})};
  for (const auto& guess : guesses) {
    REQUIRE(guess);
    CHECK(distrusts(answer_of(*this, a, mine, remembered_of(call, *guess, fresh.shown))));
  }
  // A key that makes every product zero.
  CHECK(distrusts(answer_of(*this, a, mine, remembered_of(call, SharedKey{}, CallKey{}))));
}

TEST_CASE_FIXTURE(Parted, "who has the hub's key, as a backup has it, does not call as a phone") {
  const Parting known = left_by(a);
  const KeyPair stolen = world.hub->identity().keys;
  const SharedKey lasting = *shared_key(stolen, known.key);
  const CallKeys fresh = call_keys_of(world.random.id<Nonce>());
  const Caller caller{caller_name(lasting, standing_of(known.hello)), fresh.shown};
  REQUIRE(world.partings.of(caller.name));  // he can name it
  for (int guess = 0; guess < 4; ++guess) {
    HubEnd hub(world, caller, known);
    const auto said = std::get<Remembered>(hub.first);
    const Call call{world.hub->identity().id, id_of(a), fresh.shown, {}};
    const std::array<std::optional<SharedKey>, 4> keys = {
        lasting, call_key({CallSide::device, stolen, fresh}, {known.key, said.fresh}),
        call_key({CallSide::device, stolen, fresh}, {stolen.public_key, said.fresh}),
        call_key({CallSide::hub, stolen, fresh}, {known.key, said.fresh})};
    const auto& key = keys.at(static_cast<std::size_t>(guess));
    REQUIRE(key);
    CHECK_FALSE(hub.takes(world, again_of(known.hello, false, call, said, *key)));
  }
}

TEST_CASE_FIXTURE(Parted, "a caller with a key that is none is challenged as ever") {
  Caller caller = call_of(a).caller;
  caller.fresh = {};
  HubEnd hub(world, caller, left_by(a));
  CHECK(std::holds_alternative<Challenge>(hub.first));
  CHECK_FALSE(hub.takes(world, Again{}));
}

TEST_CASE_FIXTURE(Parted, "a phone whose key only signs is welcomed and never remembered") {
  const MixedKey key = mixed_key(world.random.id<Nonce>());
  {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(id_of(a)).value();
    record.key = key.shown;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  HubSession first(world.log, world.hub_options());
  const auto challenge =
      std::get<Challenge>(only_message(first.step(world.now, hub_input::Connected{})));
  Hello hello = whole_hello(*a.store, a.store->state().value(), options_of(a)).value();
  hello.signature = sign_with(key, proof_text(challenge, {}, id_of(a)));
  const Bytes frame = framed(hello);
  REQUIRE(looks_up(first.step(world.now, hub_input::Frame{frame})));
  const auto answer = answer_hello(*world.hub->snapshot().value(), hello);
  REQUIRE(std::holds_alternative<Welcome>(
      only_message(first.step(world.now, hub_input::HelloLookedUp{answer}))));
  const auto parting = first.parting();
  REQUIRE(parting);
  CHECK_FALSE(name_of(*parting, world.hub->identity().keys));
  Partings few;
  few.keep(world.hub->identity().keys, 1, *parting);
  // Even if it were: there is no key to prove anything with.
  HubEnd second(world, call_of(a).caller, *parting);
  CHECK(std::holds_alternative<Challenge>(second.first));
  CHECK_FALSE(second.takes(world, Again{}));
}

TEST_CASE_FIXTURE(Parted, "a name of the software that fills memory is refused, not remembered") {
  const DeviceState own = a.store->state().value();
  for (const std::size_t size :
       {limits::name_bytes_max, limits::name_bytes_max + 1, std::size_t{20} << 20}) {
    HubSession hub(world.log, world.hub_options());
    const auto challenge =
        std::get<Challenge>(only_message(hub.step(world.now, hub_input::Connected{})));
    Hello hello = whole_hello(*a.store, own, options_of(a)).value();
    hello.software = std::string(size, 'a');
    hello.signature = sign(own.keys, proof_text(challenge, {}, own.device));
    FrameEncoder encoder;
    encoder.enable_compression(3);
    const Bytes frame = encoder.encode(encode(Message(hello)));
    CHECK(frame.size() < limits::hello_frame_bytes_max);
    const bool short_enough = size <= limits::name_bytes_max;
    CHECK(looks_up(hub.step(world.now, hub_input::Frame{frame})) == short_enough);
    CHECK_FALSE(hub.parting());
  }
}

TEST_CASE_FIXTURE(Parted, "as-before answers again and nothing else") {
  TestLink link(world, a);  // says hello
  CHECK(link.deliver_down());
  REQUIRE(says<Hello>(link.said_by_device));
  const Bytes frame = framed(AsBefore{world.now, 1000});
  link.device_step(device_input::Frame{frame});
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::unexpected_message);
}

TEST_CASE_FIXTURE(Parted, "a certificate in between is noticed by both proofs") {
  const Calling mine = call_of(a);
  const Parting known = left_by(a);
  for (const bool in_between : {false, true}) {
    HubEnd hub(world, mine.caller, known, Bytes(32, 1));
    const Bytes seen(32, in_between ? 2 : 1);
    const Message answer = answer_of(*this, a, mine, hub.first, seen);
    CHECK(std::holds_alternative<Again>(answer) == !in_between);
    CHECK(distrusts(answer) == in_between);
    // The hub's half: a proof of another certificate.
    const DeviceState own = a.store->state().value();
    const auto said = std::get<Remembered>(hub.first);
    const auto key = call_key({CallSide::device, own.keys, mine.keys}, {own.hub_key, said.fresh});
    const Call call{own.hub, own.device, mine.caller.fresh, seen};
    CHECK(hub.takes(world, again_of(known.hello, false, call, said, *key)) == !in_between);
  }
}

TEST_CASE("two key pairs come to one shared key, and a third to another") {
  const KeyPair phone = key_pair_of(Nonce{{1}});
  const KeyPair hub = key_pair_of(Nonce{{2}});
  const KeyPair other = key_pair_of(Nonce{{3}});
  const auto key = shared_key(phone, hub.public_key);
  REQUIRE(key);
  CHECK(key == shared_key(hub, phone.public_key));
  CHECK(key != shared_key(other, hub.public_key));
  CHECK_FALSE(shared_key(phone, PublicKey{}));
  CHECK(keyed_hash(*key, bytes_of("a")) != keyed_hash(*key, bytes_of("b")));
}

TEST_CASE("two sides come to one key of a call, and every one of the four keys is in it") {
  const KeyPair phone = key_pair_of(Nonce{{1}});
  const KeyPair hub = key_pair_of(Nonce{{2}});
  const KeyPair other = key_pair_of(Nonce{{3}});
  const CallKeys phone_fresh = call_keys_of(Nonce{{40}});
  const CallKeys hub_fresh = call_keys_of(Nonce{{80}});
  const CallKeys other_fresh = call_keys_of(Nonce{{120}});
  const auto key = call_key({CallSide::hub, hub, hub_fresh}, {phone.public_key, phone_fresh.shown});
  REQUIRE(key);
  CHECK(key == call_key({CallSide::device, phone, phone_fresh}, {hub.public_key, hub_fresh.shown}));
  CHECK(key != call_key({CallSide::device, hub, hub_fresh}, {phone.public_key, phone_fresh.shown}));
  CHECK(key != call_key({CallSide::hub, other, hub_fresh}, {phone.public_key, phone_fresh.shown}));
  CHECK(key != call_key({CallSide::hub, hub, other_fresh}, {phone.public_key, phone_fresh.shown}));
  CHECK(key != call_key({CallSide::hub, hub, hub_fresh}, {other.public_key, phone_fresh.shown}));
  CHECK(key != call_key({CallSide::hub, hub, hub_fresh}, {phone.public_key, other_fresh.shown}));
  CHECK_FALSE(call_key({CallSide::hub, hub, hub_fresh}, {phone.public_key, CallKey{}}));
  CHECK_FALSE(call_key({CallSide::hub, hub, hub_fresh}, {PublicKey{}, phone_fresh.shown}));
}
