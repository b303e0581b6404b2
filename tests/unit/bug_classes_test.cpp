// Known bug classes of sync engines that had no test of their own here; docs/testing.md lists all.
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE(
    "a household that is registered, edited and deleted between two syncs of another phone was "
    "never there for it, and one that lives on is whole") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  settle(world);
  const RowId gone = numbered(1);
  const RowId stays = numbered(2);
  for (const RowId& id : {gone, stays}) {
    world.insert(a, "household", id, {{"village_code", Value::text("X")}});
    sync(world, a);
    world.edit(a, "household", id, {{"phone", Value::text("100")}});
    sync(world, a);
  }
  world.remove(a, "household", gone);
  sync(world, a);
  const TestLink link = sync(world, b);
  CHECK(link.up_to_date);
  CHECK_FALSE(world.shows(b, "household", gone));
  CHECK(world.shown(b, "household", stays, "phone") == Value::text("100"));
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
}

TEST_CASE(
    "two phones enter the same place of the organisation tree offline: one row, the same on every "
    "replica, and no sync fails") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"T"});
  Phone& b = world.add_phone("B", {"T"});
  settle(world);
  for (Phone* phone : {&a, &b}) {
    world.insert(*phone, "org_unit", code("Z"),
                 {{"name", Value::text("Z by " + phone->name)}, {"parent", Value::text("T")}});
    world.pass(1000);
  }
  for (int round = 0; round < 2; ++round) settle(world);
  CHECK(world.shown(a, "org_unit", code("Z"), "name") ==
        world.shown(b, "org_unit", code("Z"), "name"));
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
}

TEST_CASE(
    "every wait of a session has an end: a phone whose hub falls silent at any frame gives up "
    "in time, and the next session finishes") {
  for (std::size_t delivered = 0; delivered < 8; ++delivered) {
    CAPTURE(delivered);
    SyncWorld world;
    Phone& a = world.add_phone("A", {"X"});
    world.insert(a, "household", numbered(1), {{"village_code", Value::text("X")}});
    TestLink silent(world, a);
    silent.device_step(device_input::Timer{});  // arms the time-outs
    for (std::size_t i = 0; i < delivered; ++i) {
      while (silent.work() || silent.deliver_up()) {
      }
      if (!silent.deliver_down()) break;
    }
    world.pass(limits::answer_ms_max + limits::handshake_ms_max);
    silent.device_step(device_input::Timer{});
    CHECK((silent.device_closed || silent.up_to_date));
    CHECK(sync(world, a).up_to_date);
    CHECK(world.difference(a) == "");
  }
}
