// A hub or a phone that says what the protocol does not have at that place: the other one ends the
// connection with a reason, and what is durable is not harmed.
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

LinkOptions live() {
  LinkOptions options;
  options.live = true;
  return options;
}

/// A phone and its hub that are connected, up to date and silent.
struct Quiet {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Quiet() {
    world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
    sync(world, a);
  }
  /// How the phone ends when the hub says this.
  ErrorCode phone_hears(const Message& message) {
    TestLink link(world, a, live());
    link.run();
    REQUIRE(link.up_to_date);
    REQUIRE_FALSE(link.device_closed);
    link.device_step(device_input::Frame{plain_frame(message)});
    REQUIRE(link.device_closed);
    REQUIRE(link.device_error.has_value());
    return link.device_error->code;
  }
  /// How the hub ends when the phone says all of this at once.
  ErrorCode hub_hears(const std::vector<Message>& messages) {
    TestLink link(world, a, live());
    link.run();
    REQUIRE_FALSE(link.hub_closed);
    for (const Message& message : messages) {
      REQUIRE_FALSE(link.hub_closed);
      link.hub_step(hub_input::Frame{plain_frame(message)});
    }
    REQUIRE(link.hub_closed);
    REQUIRE(link.hub_error.has_value());
    return link.hub_error->code;
  }
  void check_unharmed() {
    world.edit(a, "household", wang, {{"phone", Value::text("1")}});
    CHECK(sync(world, a).up_to_date);
    CHECK(world.difference(a) == "");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Quiet, "a phone ends with a hub that confirms or sends what cannot be") {
  const DeviceState state = a.store->state().value();
  Changes neither;
  neither.from = state.cursor;
  CHECK(phone_hears(neither) == ErrorCode::malformed);
  Changes early;
  early.from = state.cursor;
  early.checkpoint = Checkpoint{};
  early.checkpoint->included = Sequence{state.acknowledged.value + 1};
  CHECK(phone_hears(early) == ErrorCode::unexpected_message);
  CHECK(phone_hears(Challenge{}) == ErrorCode::unexpected_message);
  CHECK(phone_hears(Welcome{}) == ErrorCode::unexpected_message);
  CHECK(phone_hears(Enrolled{}) == ErrorCode::unexpected_message);
  CHECK(phone_hears(Forked{}) == ErrorCode::unexpected_message);
  CHECK(phone_hears(Credit{1}) == ErrorCode::unexpected_message);
  check_unharmed();
}

TEST_CASE_FIXTURE(Quiet,
                  "a hub confirms what this phone never wrote: it takes itself for a copy, goes on "
                  "as another device, and loses nothing") {
  const DeviceState before = a.store->state().value();
  world.edit(a, "household", wang, {{"phone", Value::text("only here")}});
  Ack beyond;
  beyond.through = Sequence{before.last.value + 2};
  {
    TestLink link(world, a, live());
    while (link.deliver_down() || link.deliver_up() || link.work(TestLink::Kind::read)) continue;
    link.device_step(device_input::Frame{plain_frame(beyond)});
    REQUIRE(link.device_closed);
    CHECK(link.device_error->code == ErrorCode::device_forked);
  }
  CHECK(sync_as_copy(world, a).up_to_date);
  CHECK(a.store->state()->device != before.device);
  CHECK(world.shown(a, "household", wang, "village_code") == Value::text("X"));
  const auto kept = world.hub->snapshot().value()->quarantine({10, true});
  REQUIRE(kept.ok());
  CHECK(kept->size() == 1);  // a person decides about it
}

TEST_CASE_FIXTURE(Quiet, "a hub ends with a phone that pushes or asks for what cannot be") {
  const DeviceState state = a.store->state().value();
  CHECK(hub_hears({Hello{}}) == ErrorCode::unexpected_message);
  CHECK(hub_hears({Welcome{}}) == ErrorCode::unexpected_message);
  CHECK(hub_hears({Push{Sequence{2}, {}, Hash{}}}) == ErrorCode::malformed);
  CHECK(hub_hears({Push{Sequence{}, {Bytes{1}}, Hash{}}}) == ErrorCode::malformed);
  const std::vector<Bytes> many(limits::push_transactions_max + 1, Bytes{1});
  CHECK(hub_hears({Push{Sequence{2}, many, Hash{}}}) == ErrorCode::message_too_large);
  const Bytes large(limits::push_bytes_in_flight_max - 1000, 7);
  CHECK(hub_hears({Push{Sequence{2}, {large}, Hash{}}, Push{Sequence{3}, {large}, Hash{}}}) ==
        ErrorCode::credit_exceeded);
  Pull elsewhere;
  elsewhere.cursor = Position{state.cursor.value + 1};
  CHECK(hub_hears({elsewhere}) == ErrorCode::unexpected_message);
  check_unharmed();
}

TEST_CASE_FIXTURE(Quiet,
                  "a device whose enrolment was answered into the void asks again and needs no "
                  "second code; another key under its id does not get in") {
  const DeviceState state = a.store->state().value();
  Enrol again;
  again.device = state.device;
  again.key = state.keys.public_key;
  const auto redeemed = redeem_code(*world.hub, again, world.now, world.new_token());
  REQUIRE_MESSAGE(redeemed.ok(), redeemed.error().text());
  CHECK(redeemed->id == state.device);
  CHECK(redeemed->scopes == std::vector<ScopeId>{{"X"}});
  Enrol stranger = again;
  stranger.key = key_pair_of(world.random.id<Nonce>()).public_key;
  CHECK(redeem_code(*world.hub, stranger, world.now, world.new_token()).error().code ==
        ErrorCode::wrong_key);
  {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(state.device).value();
    record.revoked = world.now;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  CHECK(redeem_code(*world.hub, again, world.now, world.new_token()).error().code ==
        ErrorCode::device_revoked);
}
