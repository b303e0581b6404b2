// SEMANTICS D4 where a connection is not like any other: rows that the hub asked for, on a phone
// that turns out to be a copy, or whose enrolment was ended.
#include <doctest/doctest.h>

#include "engine/wire/salvage_rows.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId grandmother = numbered(2);

/// A's phone has edited a grandmother of whom the hub knows nothing.
struct LostGrandmother {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  DeviceId one;
  Sequence edit;

  LostGrandmother() {
    world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
    sync(world, a);
    one = a.store->state().value().device;
    a.store->damage(grandmother_key(), image_of(world.schema, "resident",
                                                {{"household_id", key_value(wang)},
                                                 {"name", Value::text("Wang Guifen")}}));
    edit = world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  }
  [[nodiscard]] RowKey grandmother_key() const {
    return {table_id(world.schema, "resident"), grandmother};
  }
  [[nodiscard]] bool hub_holds_her() {
    const auto parts = world.hub->snapshot().value()->salvage(one, edit).value();
    return rows_of(world.schema, parts).value().contains(grandmother_key());
  }
};

}  // namespace

TEST_CASE_FIXTURE(LostGrandmother,
                  "D4: a copy made while rows were under way hands them over as the phone that it "
                  "was, and is not held up by them as its successor") {
  TestLink link(world, a);
  while (!a.store->salvage().value() && (link.deliver_up() || link.work() || link.deliver_down())) {
  }
  link.cut();
  REQUIRE(a.store->salvage().value());
  REQUIRE_FALSE(hub_holds_her());
  Phone& copy = world.clone_phone(a);
  // The first one has no signal for the rows, but its visit goes up.
  world.edit(a, "household", wang, {{"phone", Value::text("1")}});
  world.push_directly(a);

  CHECK(sync_as_copy(world, copy).up_to_date);
  CHECK(copy.store->state().value().device != one);
  CHECK(hub_holds_her());
  CHECK_FALSE(copy.store->salvage().value());
  CHECK(world.difference(copy) == "");
  CHECK(sync(world, a).up_to_date);
  CHECK(world.difference(a) == "");
}

TEST_CASE_FIXTURE(LostGrandmother,
                  "D4: a revoked phone still hands over the rows that go with its last work") {
  auto commit = world.hub->begin().value();
  DeviceRecord record = *commit->device(one).value();
  record.revoked = world.now;
  REQUIRE(commit->put_device(record).ok());
  REQUIRE(commit->commit(world.now, world.new_token()).ok());

  const TestLink first = sync(world, a);
  CHECK(first.device_error->code == ErrorCode::device_revoked);
  CHECK(first.come_again);
  const TestLink second = sync(world, a);
  CHECK(second.device_error->code == ErrorCode::device_revoked);
  CHECK_FALSE(second.come_again);
  CHECK(hub_holds_her());
  CHECK_FALSE(a.store->salvage().value());
  CHECK(a.store->state().value().pending == 0);
}
