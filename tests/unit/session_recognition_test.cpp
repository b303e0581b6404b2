// A phone that comes back to a hub which remembers it: few bytes when nothing has changed between
// them, everything as ever when something has.
#include <doctest/doctest.h>

#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "engine/session/device_hello.hpp"
#include "engine/session/parting.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);

/// A and B in village X hold the Wang household; both have synced and gone.
struct Parted {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  Parted() {
    world.insert(a, "household", wang,
                 {{"village_code", Value::text("X")},
                  {"address", Value::text("lane 1")},
                  {"phone", Value::text("100")}});
    for (int round = 0; round < 2; ++round) {
      for (Phone* phone : {&a, &b}) CHECK(sync(world, *phone).up_to_date);
    }
  }
  [[nodiscard]] static LinkOptions calling(bool live = false) {
    LinkOptions options;
    options.live = live;
    options.says_who_calls = true;
    return options;
  }
  TestLink call(Phone& phone) { return sync(world, phone, calling()); }
  [[nodiscard]] DeviceId id_of(const Phone& phone) const { return phone.store->state()->device; }
};

template <class Said>
bool says(const std::vector<Message>& messages) {
  return std::any_of(messages.begin(), messages.end(),
                     [](const Message& message) { return std::holds_alternative<Said>(message); });
}

}  // namespace

TEST_CASE_FIXTURE(Parted, "a phone and a hub that remember the same say so in 150 bytes") {
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(link.said_by_device.size() == 1);
  CHECK(says<Again>(link.said_by_device));
  CHECK(says<Remembered>(link.said_by_hub));
  CHECK(says<AsBefore>(link.said_by_hub));
  CHECK(link.bytes_carried <= 150);
  CHECK(world.difference(a).empty());
  CHECK(call(a).bytes_carried <= link.bytes_carried);
}

TEST_CASE_FIXTURE(Parted, "what another wrote meanwhile comes with the first answer") {
  world.edit(b, "household", wang, {{"phone", Value::text("200")}});
  CHECK(call(b).up_to_date);
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(link.said_by_device.size() == 1);
  CHECK(says<Again>(link.said_by_device));
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("200"));
  CHECK(world.difference(a).empty());
}

TEST_CASE_FIXTURE(Parted, "a phone that has written says hello to a hub that remembers it") {
  world.edit(a, "household", wang, {{"phone", Value::text("300")}});
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(says<Remembered>(link.said_by_hub));
  CHECK(says<Hello>(link.said_by_device));
  CHECK_FALSE(says<Again>(link.said_by_device));
  CHECK(call(b).up_to_date);
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("300"));
  CHECK(world.difference(a).empty());
  // The hub remembers where that ended.
  CHECK(says<Again>(call(a).said_by_device));
}

TEST_CASE_FIXTURE(Parted, "a live phone that was remembered writes and hears as any other") {
  TestLink link(world, a, calling(true));
  link.run();
  REQUIRE(says<Again>(link.said_by_device));
  world.edit(a, "household", wang, {{"phone", Value::text("400")}});
  link.local_commit();
  link.run();
  CHECK(link.up_to_date_count == 2);
  world.edit(b, "household", wang, {{"address", Value::text("lane 2")}});
  CHECK(call(b).up_to_date);
  link.committed();
  link.run();
  CHECK(world.shown(a, "household", wang, "address") == Value::text("lane 2"));
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("400"));
}

TEST_CASE_FIXTURE(Parted, "a phone that sees another village now is told so after few words") {
  const RowId li = numbered(2);
  Phone& c = world.add_phone("C", {"Y"});
  world.insert(c, "household", li, {{"village_code", Value::text("Y")}});
  CHECK(sync(world, c).up_to_date);
  world.grant(a, {{"X"}, {"Y"}});
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(says<Again>(link.said_by_device));
  CHECK(says<Welcome>(link.said_by_hub));
  CHECK(world.shows(a, "household", li));
  CHECK(world.difference(a).empty());
}

TEST_CASE_FIXTURE(Parted, "C5: a copy has written: the other one hears it though it says little") {
  Phone& copy = world.clone_phone(a);
  world.edit(copy, "household", wang, {{"phone", Value::text("500")}});
  CHECK(sync(world, copy).up_to_date);
  const TestLink link = call(a);
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::device_forked);
  CHECK(link.come_again);
}

TEST_CASE_FIXTURE(Parted, "a phone whose enrolment was ended meanwhile hears so") {
  auto commit = world.hub->begin().value();
  DeviceRecord record = *commit->device(id_of(a)).value();
  record.revoked = world.now;
  REQUIRE(commit->put_device(record).ok());
  REQUIRE(commit->commit(world.now, world.new_token()).ok());
  const TestLink link = call(a);
  CHECK(says<Again>(link.said_by_device));
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::device_revoked);
}

TEST_CASE_FIXTURE(Parted, "a hub that stopped has forgotten, and welcomes as ever") {
  world.partings = Partings();
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(says<Hello>(link.said_by_device));
  CHECK(says<Welcome>(link.said_by_hub));
  CHECK(says<Again>(call(a).said_by_device));
}

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

TEST_CASE_FIXTURE(Parted, "a hub remembers so many phones and forgets the one longest gone") {
  Partings few(2);
  const Parting left = *world.partings.of(id_of(a));
  for (std::uint8_t i = 1; i <= 3; ++i) {
    Parting one = left;
    one.hello.device = DeviceId{{i}};
    few.keep(one);
  }
  CHECK_FALSE(few.of(DeviceId{{1}}));
  CHECK(few.of(DeviceId{{2}}));
  CHECK(few.of(DeviceId{{3}}));
  Parting again = left;
  again.hello.device = DeviceId{{2}};
  few.keep(again);
  again.hello.device = DeviceId{{4}};
  few.keep(again);
  CHECK_FALSE(few.of(DeviceId{{3}}));
  CHECK(few.of(DeviceId{{2}}));
}

TEST_CASE("a caller is read as it was written, and nothing else is one") {
  const Caller caller{DeviceId{{1, 2, 3}}, CallNonce{{4, 5, 6}}};
  CHECK(read_caller(text_of(caller)) == caller);
  CHECK_FALSE(read_caller(""));
  CHECK_FALSE(read_caller(text_of(caller) + "00"));
  CHECK_FALSE(read_caller(text_of(caller).substr(2)));
  CHECK_FALSE(read_caller(std::string(64, 'x')));
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

}  // namespace

TEST_CASE_FIXTURE(Parted, "REVIEW 1: without a shared key nobody may say again") {
  const MixedKey key = mixed_key(world.random.id<Nonce>());
  const DeviceId id = id_of(a);
  {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(id).value();
    record.key = key.shown;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  CHECK_FALSE(shared_key(key_pair_of(Nonce{{9}}), key.shown));
  // The device itself: a whole hello, and it leaves.
  HubSession first(world.log, world.hub_options());
  const Challenge challenge =
      std::get<Challenge>(only_message(first.step(world.now, hub_input::Connected{})));
  DeviceSession::Options options;
  options.read_clocks = [&] { return world.clocks(a); };
  Hello hello = hello_of(a.store->state().value(), world.schema.fingerprint(), options);
  hello.signature = sign_with(key, proof_text(challenge, {}, id));
  const Bytes frame = framed(hello);
  static_cast<void>(first.step(world.now, hub_input::Frame{frame}));
  const auto answer = answer_hello(*world.hub->snapshot().value(), hello);
  REQUIRE(std::holds_alternative<Welcome>(
      only_message(first.step(world.now, hub_input::HelloLookedUp{answer}))));
  const auto parting = first.parting();
  REQUIRE(parting);
  // Somebody who knows its id and no key.
  const Caller caller{id, CallNonce{{7}}};
  HubSession::Options hub_options = world.hub_options();
  hub_options.recognised = Recognised{caller, *parting};
  HubSession second(world.log, hub_options);
  static_cast<void>(second.step(world.now, hub_input::Connected{}));
  Again said{{}, 1, 1, {}, false};
  const Call call{world.hub->identity().id, caller, {}};
  said.proof = keyed_hash(SharedKey{}, again_text(call, Remembered{}, said));
  const Bytes again = framed(said);
  const auto effects = second.step(world.now, hub_input::Frame{again});
  bool looked_up = false;
  for (const HubEffect& effect : effects)
    looked_up = looked_up || std::holds_alternative<hub_effect::LookUpHello>(effect);
  CHECK_FALSE(looked_up);
  if (looked_up) {
    const Message welcome =
        only_message(second.step(world.now, hub_input::HelloLookedUp{answer}));
    MESSAGE("the hub answers with message of index ", welcome.index());
    CHECK_FALSE(std::holds_alternative<AsBefore>(welcome));
  }
}

TEST_CASE_FIXTURE(Parted, "REVIEW 2: a phone that was stopped before welcome came hears of its grants") {
  Phone& c = world.add_phone("C", {"T"});
  for (int round = 0; round < 2; ++round) CHECK(sync(world, c, calling()).up_to_date);
  REQUIRE(says<Again>(call(c).said_by_device));
  world.grant(c, {{"T"}, {"X"}});  // what it sees is the same
  TestLink broken(world, c, calling());
  CHECK(broken.deliver_down());
  CHECK(broken.deliver_up());
  CHECK(broken.work(TestLink::Kind::read));  // looked up: Welcome is under way
  CHECK(says<Welcome>(broken.said_by_hub));
  broken.stop();
  const TestLink link = call(c);
  CHECK(link.up_to_date);
  CHECK_FALSE(says<AsBefore>(link.said_by_hub));
  CHECK(c.store->state()->scopes.size() == 2);
  call(c);
  CHECK(c.store->state()->scopes.size() == 2);
}

TEST_CASE_FIXTURE(Parted, "REVIEW 3: what is remembered of one phone is bounded") {
  MESSAGE("sizeof(Parting) = ", sizeof(Parting), ", sizeof(Hello) = ", sizeof(Hello));
  const DeviceState own = a.store->state().value();
  HubSession hub(world.log, world.hub_options());
  const Challenge challenge =
      std::get<Challenge>(only_message(hub.step(world.now, hub_input::Connected{})));
  DeviceSession::Options options;
  options.read_clocks = [&] { return world.clocks(a); };
  options.software = std::string(std::size_t{20} << 20, 'a');
  Hello hello = hello_of(own, world.schema.fingerprint(), options);
  hello.signature = sign(own.keys, proof_text(challenge, {}, own.device));
  FrameEncoder encoder;
  encoder.enable_compression(3);
  const Bytes frame = encoder.encode(encode(Message(hello)));
  MESSAGE("frame of ", frame.size(), " bytes");
  CHECK(frame.size() < limits::hello_frame_bytes_max);
  static_cast<void>(hub.step(world.now, hub_input::Frame{frame}));
  const auto answer = answer_hello(*world.hub->snapshot().value(), hello);
  static_cast<void>(hub.step(world.now, hub_input::HelloLookedUp{answer}));
  const auto parting = hub.parting();
  if (!parting) return;
  CHECK(parting->hello.software.size() <= 1000);
  Recognised known{Caller{own.device, CallNonce{{7}}}, *parting};
  const auto begin = std::chrono::steady_clock::now();
  HubSession::Options unproved = world.hub_options();
  unproved.recognised = known;
  HubSession caller(world.log, unproved);
  static_cast<void>(caller.step(world.now, hub_input::Connected{}));
  const auto took = std::chrono::steady_clock::now() - begin;
  MESSAGE("an unproved call with that id: ",
          std::chrono::duration_cast<std::chrono::microseconds>(took).count(), " us");
}

TEST_CASE_FIXTURE(Parted, "REVIEW 4: as-before answers again and nothing else") {
  TestLink link(world, a);  // says hello
  CHECK(link.deliver_down());
  REQUIRE(says<Hello>(link.said_by_device));
  const Bytes frame = framed(AsBefore{world.now, 1000});
  link.device_step(device_input::Frame{frame});
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::unexpected_message);
}

TEST_CASE_FIXTURE(Parted, "REVIEW 5: who has the hub's key and no phone's does not call as a phone") {
  const DeviceId id = id_of(a);
  const KeyPair hub_keys = world.hub->identity().keys;  // as a backup has it
  const PublicKey phone_key = world.hub->snapshot().value()->device(id).value()->key;
  const Caller caller{id, CallNonce{{7}}};
  HubSession::Options hub_options = world.hub_options();
  hub_options.recognised = Recognised{caller, *world.partings.of(id)};
  HubSession hub(world.log, hub_options);
  const auto said = std::get<Remembered>(only_message(hub.step(world.now, hub_input::Connected{})));
  Again again{{}, 1, 1, {}, false};
  const Call call{world.hub->identity().id, caller, {}};
  again.proof = keyed_hash(*shared_key(hub_keys, phone_key), again_text(call, said, again));
  const Bytes frame = framed(again);
  bool looked_up = false;
  for (const HubEffect& effect : hub.step(world.now, hub_input::Frame{frame}))
    looked_up = looked_up || std::holds_alternative<hub_effect::LookUpHello>(effect);
  CHECK_FALSE(looked_up);
}

TEST_CASE_FIXTURE(Parted, "REVIEW 6: a connection that ends late does not displace a newer parting") {
  TestLink late(world, a, calling(true));
  late.run();
  REQUIRE(says<Again>(late.said_by_device));
  world.edit(b, "household", wang, {{"phone", Value::text("200")}});
  CHECK(call(b).up_to_date);
  CHECK(call(a).up_to_date);  // on another connection; the first hangs
  REQUIRE(says<Again>(call(a).said_by_device));
  late.stop();  // the hub notices that it is gone
  CHECK(says<Again>(call(a).said_by_device));
}

TEST_CASE_FIXTURE(Parted, "REVIEW 7: a certificate in between is noticed by both proofs") {
  const DeviceId id = id_of(a);
  const Caller caller{id, CallNonce{{7}}};
  HubSession::Options hub_options = world.hub_options();
  hub_options.binding = Bytes(32, 1);
  hub_options.recognised = Recognised{caller, *world.partings.of(id)};
  for (const bool in_between : {false, true}) {
    HubSession hub(world.log, hub_options);
    const Message said = only_message(hub.step(world.now, hub_input::Connected{}));
    DeviceSession::Options options;
    options.read_clocks = [&] { return world.clocks(a); };
    options.caller = caller;
    options.binding = Bytes(32, in_between ? 2 : 1);
    DeviceSession device(*a.store, world.log, options);
    const Bytes frame = framed(said);
    std::optional<Message> answer;
    for (const auto& effect : device.step(world.now, device_input::Frame{frame})) {
      if (const auto* sent = std::get_if<device_effect::SendFrame>(&effect))
        answer = decode(FrameDecoder().decode(sent->bytes).value()).value();
    }
    REQUIRE(answer);
    CHECK(std::holds_alternative<Again>(*answer) == !in_between);
    CHECK(std::holds_alternative<ErrorMessage>(*answer) == in_between);
    // The hub's half: a proof of another certificate.
    const DeviceState own = a.store->state().value();
    const Call other{own.hub, caller, options.binding};
    const Again again = again_of(world.partings.of(id)->hello, false, other,
                                 std::get<Remembered>(said), *shared_key(own.keys, own.hub_key));
    const Bytes up = framed(again);
    bool looked_up = false;
    for (const HubEffect& effect : hub.step(world.now, hub_input::Frame{up}))
      looked_up = looked_up || std::holds_alternative<hub_effect::LookUpHello>(effect);
    CHECK(looked_up == !in_between);
  }
}
