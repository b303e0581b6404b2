// SEMANTICS D3, DESIGN section 9: what becomes of a phone whose enrolment was ended. Its work is
// taken; a lost one's is kept for a person. Nothing comes down to it any more.
#include <doctest/doctest.h>

#include "engine/session/merge_pushes.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId li = numbered(2);

struct EndedPhone {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  EndedPhone() {
    world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
    settle(world);
    // Both go on offline; B is back first.
    world.edit(a, "household", wang, {{"phone", Value::text("1")}});
    world.insert(a, "household", li, {{"village_code", Value::text("X")}});
    world.edit(b, "household", wang, {{"address", Value::text("by the well")}});
    sync(world, b);
  }
  void end(bool lost) {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(a.store->state().value().device).value();
    record.revoked = world.now;
    record.lost = lost;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  [[nodiscard]] Value at_hub(const std::string& column) {
    return field(world.schema, "household", world.hub_row("household", wang)->image, column);
  }
  [[nodiscard]] std::vector<QuarantineRecord> quarantine() {
    return world.hub->snapshot().value()->quarantine({10}).value();
  }
};

}  // namespace

TEST_CASE_FIXTURE(EndedPhone,
                  "D3: a phone that was reported lost calls: what it had written waits for a "
                  "person, nothing comes down, and it is told") {
  end(true);
  const Position cursor = a.store->state().value().cursor;
  for (int call = 0; call < 2; ++call) {
    const TestLink link = sync(world, a);
    REQUIRE(link.device_error);
    CHECK(link.device_error->code == ErrorCode::device_lost);
    CHECK(link.applied.empty());
  }
  REQUIRE(quarantine().size() == 2);
  for (const QuarantineRecord& kept : quarantine()) {
    CHECK(kept.reason.code == ErrorCode::device_lost);
    CHECK_FALSE(kept.body.empty());
  }
  CHECK(at_hub("phone") == Value::null());
  CHECK_FALSE(world.hub_row("household", li));
  CHECK(a.store->state().value().cursor == cursor);
  CHECK(a.store->state().value().pending == 0);
  CHECK(world.shown(a, "household", wang, "address") == Value::null());
  CHECK(a.store->outcomes().at(Sequence{2}).reason->code == ErrorCode::device_lost);
  // What it writes from then on goes the same way.
  world.edit(a, "household", wang, {{"phone", Value::text("3")}});
  sync(world, a);
  CHECK(quarantine().size() == 3);
  CHECK(at_hub("phone") == Value::null());
}

TEST_CASE_FIXTURE(EndedPhone,
                  "D3: an honest phone is revoked: what it still had is judged by what it had "
                  "seen and taken, then it is told, and nothing comes down") {
  end(false);
  const TestLink link = sync(world, a);
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::device_revoked);
  CHECK(link.applied.empty());
  CHECK(quarantine().empty());
  CHECK(at_hub("phone") == Value::text("1"));
  CHECK(world.hub_row("household", li));
  CHECK(a.store->state().value().pending == 0);
  CHECK(a.store->outcomes().empty());
  CHECK(world.shown(a, "household", wang, "address") == Value::null());
  CHECK(sync(world, b).up_to_date);
  CHECK(world.shows(b, "household", li));
}

TEST_CASE_FIXTURE(EndedPhone,
                  "D3: a revoked phone with more to send than goes out at once sends it all") {
  const std::string page(300'000, 'x');
  for (std::uint64_t i = 10; i < 50; ++i) {
    world.insert(a, "household", numbered(i),
                 {{"village_code", Value::text("X")}, {"address", Value::text(page)}});
  }
  end(false);
  CHECK(sync(world, a).device_error->code == ErrorCode::device_revoked);
  CHECK(a.store->state().value().pending == 0);
  CHECK(world.hub_row("household", numbered(49)));
}

TEST_CASE_FIXTURE(EndedPhone, "D3: a phone that is connected when it is revoked is told at once") {
  LinkOptions live;
  live.live = true;
  TestLink link(world, a, live);
  link.run();
  REQUIRE(link.up_to_date);
  bool lost = false;
  SUBCASE("revoked") {}
  SUBCASE("lost") { lost = true; }
  end(lost);
  link.hub_step(hub_input::Revoked{lost});
  link.run();
  CHECK(link.device_error->code == (lost ? ErrorCode::device_lost : ErrorCode::device_revoked));
}
