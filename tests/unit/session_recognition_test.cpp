// A phone that comes back to a hub which remembers it: few bytes when nothing has changed between
// them, everything as ever when something has.
#include <doctest/doctest.h>

#include "engine/session/partings.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/parted.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE_FIXTURE(Parted, "a phone and a hub that remember the same say so in 150 bytes") {
  constexpr std::int64_t month_ms = std::int64_t{30} * 24 * 3'600'000;
  a.boot_began_ms = world.now.ms - month_ms;
  CHECK(call(a).up_to_date);  // that it called before was noted: a commit, whose token is new
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK(link.said_by_device.size() == 1);
  CHECK(says<Again>(link.said_by_device));
  CHECK(says<Remembered>(link.said_by_hub));
  CHECK(says<AsBefore>(link.said_by_hub));
  std::vector<std::uint64_t> bytes;
  for (const auto& [message, weight] : link.carried) bytes.push_back(weight);
  CHECK(bytes == std::vector<std::uint64_t>{59, 43, 16, 29});
  constexpr std::uint64_t free_space = 2;  // more, where a phone says what it has below 64 GiB
  CHECK(link.bytes_carried + free_space <= 150);
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

TEST_CASE_FIXTURE(Parted, "a phone that has written since says hello as ever") {
  world.edit(a, "household", wang, {{"phone", Value::text("300")}});
  const TestLink link = call(a);
  CHECK(link.up_to_date);
  CHECK_FALSE(says<Remembered>(link.said_by_hub));  // it calls by another name
  CHECK(says<Hello>(link.said_by_device));
  CHECK(call(b).up_to_date);
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("300"));
  CHECK(world.difference(a).empty());
  // The hub remembers where that ended.
  CHECK(says<Again>(call(a).said_by_device));
}

TEST_CASE_FIXTURE(Parted,
                  "a phone that writes while it calls says hello to a hub that remembers it") {
  TestLink link(world, a, calling());
  world.edit(a, "household", wang, {{"phone", Value::text("350")}});
  link.run();
  CHECK(link.up_to_date);
  CHECK(says<Remembered>(link.said_by_hub));
  CHECK(says<Hello>(link.said_by_device));
  CHECK_FALSE(says<Again>(link.said_by_device));
  CHECK(world.difference(a).empty());
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

TEST_CASE_FIXTURE(
    Parted, "a phone that was stopped before welcome came hears of its grants the next time") {
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

TEST_CASE_FIXTURE(Parted,
                  "a connection that hung and ends late does not take the place of a newer one") {
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

TEST_CASE_FIXTURE(Parted, "a hub remembers so many phones and forgets the one longest gone") {
  Partings few(2);
  const KeyPair& keys = world.hub->identity().keys;
  const Parting left = left_by(a);
  const auto one_of = [&](std::uint8_t number) {
    Parting one = left;
    one.hello.device = DeviceId{{number}};
    return one;
  };
  const auto knows = [&](std::uint8_t number) {
    return few.of(*name_of(one_of(number), keys)).has_value();
  };
  for (std::uint8_t i = 1; i <= 3; ++i) few.keep(keys, i, one_of(i));
  CHECK_FALSE(knows(1));
  CHECK(knows(2));
  CHECK(knows(3));
  few.keep(keys, 4, one_of(2));
  few.keep(keys, 5, one_of(4));
  CHECK_FALSE(knows(3));
  CHECK(knows(2));
  few.keep(keys, 3, one_of(2));  // of a connection before that
  few.keep(keys, 6, one_of(5));
  CHECK_FALSE(knows(2));
}

TEST_CASE("a caller is read as it was written, and nothing else is one") {
  const Caller caller{CallerName{{1, 2, 3}}, CallKey{{4, 5, 6}}};
  CHECK(text_of(caller).size() == 96);
  CHECK(read_caller(text_of(caller)) == caller);
  CHECK_FALSE(read_caller(""));
  CHECK_FALSE(read_caller(text_of(caller) + "00"));
  CHECK_FALSE(read_caller(text_of(caller).substr(2)));
  CHECK_FALSE(read_caller(std::string(96, 'x')));
}
