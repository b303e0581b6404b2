// Stories of phones and one hub, over whole sessions.
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);

/// A and B in village X, both holding the Wang household.
struct TwoPhones {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  TwoPhones() {
    world.insert(a, "household", wang,
                 {{"village_code", Value::text("X")},
                  {"address", Value::text("lane 1")},
                  {"phone", Value::text("100")},
                  {"boxes", Value::integer(10)}});
    sync(world, a);
    sync(world, b);
  }
};

}  // namespace

TEST_CASE("a phone with nothing to do needs one round trip after the hub's challenge") {
  TwoPhones story;
  TestLink link(story.world, story.a);
  link.deliver_down();  // Challenge
  CHECK(link.said_by_device.size() == 2);
  CHECK(std::holds_alternative<Hello>(link.said_by_device[0]));
  CHECK(std::holds_alternative<Pull>(link.said_by_device[1]));
  link.run();
  CHECK(link.up_to_date);
  CHECK_FALSE(link.device_error);
  CHECK(link.said_by_device.size() == 2);
  REQUIRE(link.said_by_hub.size() == 3);
  CHECK(std::holds_alternative<Changes>(link.said_by_hub[2]));
}

TEST_CASE(
    "a long month's work leaves push by push: the hub has merged one before the next is made") {
  TwoPhones story;
  auto& [world, a, b] = story;
  for (int i = 0; i < 2500; ++i) {
    world.edit(a, "household", wang, {{"address", Value::text("lane " + std::to_string(i))}});
  }
  const Sequence before = a.store->state()->acknowledged;
  LinkOptions options;
  options.slow_radio = true;
  TestLink link(world, a, options);
  link.deliver_down();  // Challenge
  CHECK(link.said_by_device.size() == 2);
  while (link.deliver_up() || link.work()) {
  }
  const auto first = std::get<Push>(link.said_by_device.back());
  REQUIRE(std::holds_alternative<Ack>(link.said_by_hub.back()));
  CHECK(std::get<Ack>(link.said_by_hub.back()).through.value == before.value + first.bodies.size());

  for (std::size_t said = 3; !std::holds_alternative<Pull>(link.said_by_device.back()); ++said) {
    REQUIRE(std::holds_alternative<Push>(link.said_by_device.back()));
    link.sent();
    REQUIRE(link.said_by_device.size() >= said);
  }
  const std::size_t said = link.said_by_device.size();
  CHECK(said > 4);
  link.sent();
  link.run();
  CHECK(link.said_by_device.size() == said);
  CHECK(link.up_to_date);
  CHECK_FALSE(link.device_error);
  sync(world, b);
  CHECK(world.shown(b, "household", wang, "address") == Value::text("lane 2499"));
}

TEST_CASE(
    "two volunteers offline change different columns of one household: both stand everywhere") {
  TwoPhones story;
  auto& [world, a, b] = story;
  world.edit(a, "household", wang, {{"address", Value::text("lane 2")}});
  world.edit(b, "household", wang, {{"phone", Value::text("200")}});
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.shown(*phone, "household", wang, "address") == Value::text("lane 2"));
    CHECK(world.shown(*phone, "household", wang, "phone") == Value::text("200"));
    CHECK(world.difference(*phone) == "");
    CHECK(phone->store->conflicts().empty());
  }
}

TEST_CASE(
    "two volunteers offline change the same column: one value stands, the loser's phone knows") {
  TwoPhones story;
  auto& [world, a, b] = story;
  world.edit(a, "household", wang, {{"phone", Value::text("200")}});
  world.pass(60'000);
  world.edit(b, "household", wang, {{"phone", Value::text("300")}});
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.shown(*phone, "household", wang, "phone") == Value::text("300"));
    CHECK(world.difference(*phone) == "");
  }
  CHECK(b.store->conflicts().empty());
  REQUIRE(a.store->conflicts().size() == 1);
  const ConflictRecord& record = a.store->conflicts().begin()->second;
  CHECK(record.column == "phone");
  CHECK(record.loser.value == Value::text("200"));
  CHECK(record.loser.version.author == a.store->state().value().device);
  CHECK(record.winner.value == Value::text("300"));
}

TEST_CASE("a phone three years behind edits what it has seen: its value stands everywhere") {
  TwoPhones story;
  auto& [world, a, b] = story;
  b.wall_offset_ms = -std::int64_t{3} * 365 * 24 * 3'600'000;
  world.edit(a, "household", wang, {{"phone", Value::text("200")}});
  settle(world);
  world.edit(b, "household", wang, {{"phone", Value::text("300")}});
  settle(world);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("300"));
  CHECK(a.store->conflicts().empty());
  CHECK(b.store->conflicts().empty());
}

TEST_CASE(
    "concurrent edits within one boot: the later moment wins whatever the phones' clocks say") {
  TwoPhones story;
  auto& [world, a, b] = story;
  a.wall_offset_ms = std::int64_t{2} * 365 * 24 * 3'600'000;  // years ahead, and earlier in truth
  b.wall_offset_ms = -std::int64_t{3} * 365 * 24 * 3'600'000;
  world.edit(a, "household", wang, {{"phone", Value::text("early")}});
  world.pass(5'000);
  world.edit(b, "household", wang, {{"phone", Value::text("late")}});
  world.pass(3'600'000);
  settle(world);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("late"));
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("late"));
}

TEST_CASE("an edit made while its own push is in flight is neither lost nor marked as sent") {
  TwoPhones story;
  auto& [world, a, b] = story;
  world.edit(a, "household", wang, {{"phone", Value::text("200")}});
  TestLink link(world, a);
  link.deliver_down();  // the challenge: the push is on its way
  world.edit(a, "household", wang, {{"phone", Value::text("300")}});
  SUBCASE("nobody tells the session") {}
  SUBCASE("the session is told at once") { link.local_commit(); }
  SUBCASE("the push is acknowledged first") {
    while (link.acks.empty()) REQUIRE((link.deliver_up() || link.work() || link.deliver_down()));
    CHECK(a.store->state().value().pending == 1);
  }
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("300"));
  link.run();
  CHECK(link.up_to_date);
  CHECK(world.difference(a) == "");
  sync(world, b);
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("300"));
  CHECK(a.store->conflicts().empty());
}

TEST_CASE("a live phone hears of another's edit, and has its own confirmed without asking again") {
  TwoPhones story;
  auto& [world, a, b] = story;
  LinkOptions live;
  live.live = true;
  TestLink link(world, a, live);
  link.run();
  CHECK(link.up_to_date_count == 1);
  world.edit(b, "household", wang, {{"phone", Value::text("200")}});
  sync(world, b);
  link.committed();
  link.run();
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("200"));
  CHECK(link.up_to_date_count == 2);
  for (int i = 0; i < 10; ++i) {  // more than one credit's worth
    world.edit(a, "household", wang, {{"address", Value::text("lane " + std::to_string(i))}});
    link.local_commit();
    link.run();
  }
  CHECK(link.up_to_date_count == 12);
  CHECK(world.difference(a) == "");
  CHECK_FALSE(link.device_closed);
  link.committed();
  link.run();
  CHECK(link.up_to_date_count == 12);
  link.stop();
  CHECK(link.device_closed);
  CHECK_FALSE(link.device_error);
}
