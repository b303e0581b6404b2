// What bad input gets: a stable error at the side that finds it, and nothing durable harmed.
#include <doctest/doctest.h>

#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/version.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);

Bytes plain_frame(const Message& message) { return FrameEncoder().encode(encode(message)); }

struct OnePhone {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});

  OnePhone() {
    world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
    sync(world, a);
  }
  /// A correct Hello for the challenge that `link` has sent.
  Hello hello(const TestLink& link, const KeyPair& keys) {
    const DeviceState state = a.store->state().value();
    Hello hello;
    hello.version_min = protocol_version_min;
    hello.version_max = protocol_version_max;
    hello.device = state.device;
    hello.signature =
        sign(keys, proof_text(std::get<Challenge>(link.said_by_hub.at(0)), {}, state.device));
    hello.schema = world.schema.fingerprint();
    hello.hub = state.hub;
    hello.cursor = state.cursor;
    hello.token = state.token;
    hello.last = state.last;
    return hello;
  }
  /// What the hub says to this Hello.
  ErrorCode refusal(const std::function<void(Hello&)>& spoil) {
    TestLink link(world, a);
    Hello said = hello(link, a.store->state().value().keys);
    spoil(said);
    link.to_hub(plain_frame(said));
    link.deliver_up();
    link.work();
    REQUIRE(link.hub_closed);
    REQUIRE(link.hub_error);
    return link.hub_error->code;
  }
};

}  // namespace

TEST_CASE("the hub lets in only who proves a known device's key") {
  OnePhone one;
  CHECK(one.refusal([&](Hello& h) { h.signature.bytes[0] ^= 1; }) == ErrorCode::wrong_key);
  CHECK(one.refusal([&](Hello& h) { h.device.bytes[0] ^= 1; }) == ErrorCode::device_unknown);
  CHECK(one.refusal([&](Hello& h) { h.hub.bytes[0] ^= 1; }) == ErrorCode::device_unknown);
  auto commit = one.world.hub->begin().value();
  DeviceRecord record = *commit->device(one.a.store->state().value().device).value();
  record.revoked = one.world.now;
  REQUIRE(commit->put_device(record).ok());
  REQUIRE(commit->commit(one.world.now, one.world.new_token()).ok());
  CHECK(sync(one.world, one.a).device_error->code == ErrorCode::device_revoked);
}

TEST_CASE("other versions are named") {
  OnePhone one;
  CHECK(one.refusal([](Hello& h) { h.version_min = h.version_max = 99; }) ==
        ErrorCode::version_unsupported);
}

TEST_CASE("a phone does not speak to a hub with another key or signature") {
  OnePhone one;
  const TestLink model(one.world, one.a);
  Challenge challenge = std::get<Challenge>(model.said_by_hub.at(0));
  SUBCASE("another signature") { challenge.signature.bytes[0] ^= 1; }
  SUBCASE("another key") {
    const KeyPair keys = key_pair_of(one.world.random.id<Nonce>());
    challenge.hub_key = keys.public_key;
    challenge.signature = sign(keys, challenge_text(challenge, {}));
  }
  TestLink link(one.world, one.a);
  link.device_step(device_input::Frame{plain_frame(challenge)});
  REQUIRE(link.device_closed);
  CHECK(link.device_error->code == ErrorCode::hub_untrusted);
  CHECK_FALSE(std::holds_alternative<Hello>(link.said_by_device.at(0)));
}

TEST_CASE("garbage, empty and oversized frames close the connection and harm nothing") {
  OnePhone one;
  const std::vector<Bytes> frames{
      {}, {0}, {9, 9, 9}, {0, 0xff, 0x00}, {1, 2, 3, 4}, Bytes(limits::frame_bytes_max + 1)};
  for (const Bytes& frame : frames) {
    CAPTURE(frame.size());
    TestLink hub_side(one.world, one.a);
    hub_side.to_hub(frame);
    hub_side.deliver_up();
    CHECK(hub_side.hub_closed);
    TestLink device_side(one.world, one.a);
    device_side.device_step(device_input::Frame{frame});
    CHECK(device_side.device_closed);
  }
  CHECK(sync(one.world, one.a).up_to_date);
  CHECK(one.world.difference(one.a) == "");
}

TEST_CASE("a cloned phone that wrote something else is noticed") {
  OnePhone one;
  Phone& clone = one.world.clone_phone(one.a);
  one.world.edit(one.a, "household", wang, {{"phone", Value::text("1")}});
  SUBCASE("the clone stands behind") {
    sync(one.world, one.a);
    CHECK(sync(one.world, clone).device_error->code == ErrorCode::device_forked);
  }
  SUBCASE("the clone has other work under the same number") {
    one.world.edit(clone, "household", wang, {{"phone", Value::text("2")}});
    sync(one.world, one.a);
    CHECK(sync(one.world, clone).device_error->code == ErrorCode::device_forked);
  }
  CHECK(one.world.shown(one.a, "household", wang, "phone") == Value::text("1"));
}

TEST_CASE("C5: other work under a number that the hub has is a fork, and nothing of it is merged") {
  OnePhone one;
  SyncWorld& world = one.world;
  Phone& clone = world.clone_phone(one.a);
  world.edit(one.a, "household", wang, {{"phone", Value::text("1")}});
  for (const char* number : {"2", "3"}) {
    world.edit(clone, "household", wang, {{"phone", Value::text(number)}});
  }
  world.push_directly(one.a);
  const Position head = world.head();
  const auto refusal = [&](Sequence after) {
    const PushRequest request{clone.store->state().value().device,
                              clone.store->outbox(after, 1 << 20).value(), world.clocks(clone),
                              world.now};
    return merge_pushes(*world.hub, world.log, {&request, 1}, world.now, world.new_token())
        .at(0)
        .error()
        .code;
  };
  CHECK(refusal(Sequence{1}) == ErrorCode::device_forked);
  CHECK(refusal(Sequence{2}) == ErrorCode::hash_mismatch);  // it follows on another history
  CHECK(world.head() == head);
  CHECK(field(world.schema, "household", world.hub_row("household", wang)->image, "phone") ==
        Value::text("1"));
}

TEST_CASE("the merge writer answers each device for itself") {
  OnePhone one;
  SyncWorld& world = one.world;
  Phone& b = world.add_phone("B", {"X"});
  world.edit(one.a, "household", wang, {{"phone", Value::text("1")}});
  world.edit(one.a, "household", wang, {{"phone", Value::text("2")}});
  world.insert(b, "household", numbered(2), {{"village_code", Value::text("X")}});
  const DeviceId a_id = one.a.store->state().value().device;
  const DeviceId b_id = b.store->state().value().device;
  const auto request = [&](const DeviceId& id, Phone& phone, Push push) {
    return PushRequest{id, std::move(push), world.clocks(phone), world.now};
  };
  const Push gap = one.a.store->outbox(Sequence{2}, 1).value();
  Push altered = one.a.store->outbox(Sequence{1}, 1 << 20).value();
  altered.bodies[0].back() ^= 1;
  const Push good = b.store->outbox(Sequence{}, 1).value();
  const std::vector<PushRequest> requests{request(a_id, one.a, gap), request(a_id, one.a, altered),
                                          request(b_id, b, good), request(b_id, b, good)};
  const auto results = merge_pushes(*world.hub, world.log, requests, world.now, world.new_token());
  CHECK(results.at(0).error().code == ErrorCode::sequence_gap);
  CHECK(results.at(1).error().code == ErrorCode::hash_mismatch);
  CHECK(results.at(2).value().ack.through == Sequence{1});
  CHECK(results.at(2).value().touched == std::vector<ScopeId>{{"X"}});
  CHECK(results.at(3).value().ack == results.at(2).value().ack);
  const Position head = world.head();
  const auto again = merge_pushes(*world.hub, world.log, std::vector{request(b_id, b, good)},
                                  world.now, world.new_token());
  CHECK(again.at(0).value().ack.through == Sequence{1});
  CHECK(again.at(0).value().position == Position{});
  CHECK(world.head() == head);
}

TEST_CASE("one transaction that cannot be read is quarantined alone and uses up its number") {
  OnePhone one;
  const DeviceState state = one.a.store->state().value();
  one.world.edit(one.a, "household", wang, {{"phone", Value::text("1")}});
  const Bytes good = one.a.store->outbox(Sequence{1}, 1).value().bodies.at(0);
  const Bytes poison{0xff, 0x00, 0x17};
  const auto record = one.world.hub->snapshot().value()->device(state.device).value();
  Hash head = chain_hash(record->head, state.device, Sequence{2}, poison);
  head = chain_hash(head, state.device, Sequence{3}, good);
  const std::vector<PushRequest> requests{{state.device, Push{Sequence{2}, {poison, good}, head},
                                           one.world.clocks(one.a), one.world.now}};
  const auto results =
      merge_pushes(*one.world.hub, one.world.log, requests, one.world.now, one.world.new_token());
  const Ack& ack = results.at(0).value().ack;
  CHECK(ack.through == Sequence{3});
  REQUIRE(ack.items.size() == 1);
  CHECK(ack.items[0].sequence == Sequence{2});
  CHECK(ack.items[0].outcome.kind == Outcome::Kind::quarantined);
  CHECK(one.world.hub_row("household", wang)->image.values[2] == Value::text("1"));
  const auto kept = one.world.hub->snapshot().value()->quarantine({10}).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].body == poison);
}

TEST_CASE("a busy or stopping hub says when to come back") {
  OnePhone one;
  TestLink link(one.world, one.a);
  link.run();
  TestLink stopping(one.world, one.a);
  stopping.hub_step(hub_input::Shutdown{});
  stopping.run();
  CHECK(stopping.device_error->code == ErrorCode::hub_busy);
  CHECK(stopping.retry_after_ms == limits::shutdown_retry_ms);
}

TEST_CASE("a hub that does not answer in time is given up") {
  OnePhone one;
  TestLink link(one.world, one.a);
  link.deliver_down();
  one.world.pass(limits::handshake_ms_max);
  link.device_step(device_input::Timer{});
  REQUIRE(link.device_closed);
  CHECK(link.device_error->code == ErrorCode::timeout);
}
