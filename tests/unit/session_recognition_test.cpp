// A phone that comes back to a hub which remembers it: few bytes when nothing has changed between
// them, everything as ever when something has.
#include <doctest/doctest.h>

#include <algorithm>

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
