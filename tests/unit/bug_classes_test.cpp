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

TEST_CASE(
    "a clock that is ten years ahead, and work of it that is refused, poison nobody: later writes "
    "stand, and stamps end now") {
  constexpr std::int64_t ten_years_ms = std::int64_t{10} * 365 * 24 * 3'600'000;
  SyncWorld world(1, ruled_village());
  static_cast<MemoryHubStore&>(*world.hub).set_rules(ruled_village_rules(world.schema));
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  const RowId wang = numbered(1);
  world.insert(b, "household", wang, {{"village_code", Value::text("X")}});
  settle(world);
  a.wall_offset_ms = ten_years_ms;
  const Sequence refused = world.edit(a, "household", wang, {{"phone", Value::text("wrong")}});
  bool rebooted = false;
  SUBCASE("still running") {}
  SUBCASE("and started again before it calls") { rebooted = true; }
  world.pass(60'000);
  world.edit(a, "household", wang, {{"phone", Value::text("100")}});
  world.pass(60'000);
  if (rebooted) {
    a.boot = BootId{{9}};
    a.boot_began_ms = world.now.ms;
  }
  world.pass(60'000);
  world.edit(b, "household", wang, {{"phone", Value::text("200")}});
  sync(world, a);
  CHECK(a.store->outcomes().contains(refused));
  const auto newest = [&] {
    const StoredRow row = *world.hub_row("household", wang);
    const ColumnId phone = *world.schema.table(row.table).find_column("phone");
    return row.find_cell(phone)->contributions.back().version.stamp.latest();
  };
  CHECK(newest() <= world.now);
  settle(world);
  CHECK(newest() <= world.now);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("200"));
  CHECK(world.difference(b) == "");
}
