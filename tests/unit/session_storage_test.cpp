// The storage of a phone fails at one call, whichever it is: the connection ends with that error,
// and the next one brings everything.
#include <doctest/doctest.h>

#include "tests/support/failing_device_store.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

LinkOptions small_batches() {
  LinkOptions options;
  options.rows_max = 3;
  return options;
}

/// A was away: it has written, and so has B, about the same households.
struct Away {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  Away() {
    for (std::uint64_t i = 1; i <= 8; ++i) {
      world.insert(b, "household", numbered(i), {{"village_code", Value::text("X")}});
    }
    settle(world);
    for (std::uint64_t i = 1; i <= 8; ++i) {
      world.edit(b, "household", numbered(i), {{"phone", Value::text("B")}});
    }
    world.remove(b, "household", numbered(8));
    sync(world, b);
    world.pass(60'000);
    world.edit(a, "household", numbered(1), {{"phone", Value::text("A")}});
    world.edit(a, "household", numbered(2), {{"boxes", Value::integer(3)}});
    world.insert(a, "household", numbered(9), {{"village_code", Value::text("X")}});
    // Not one of A's villages: refused.
    world.insert(a, "household", numbered(10), {{"village_code", Value::text("Y")}});
  }
};

/// Prepares the village, lets call after call fail, and gives the number of calls there were.
template <class Prepare, class Check>
std::size_t fail_each_call(const Prepare& prepare, const Check& check) {
  for (std::size_t failing = 0;; ++failing) {
    CAPTURE(failing);
    REQUIRE(failing < 1000);
    Away village;
    prepare(village);
    FailingDeviceStore store(*village.a.store, failing);
    std::optional<Error> ended;
    for (int connections = 0; connections < 4 && !store.has_failed(); ++connections) {
      TestLink link(village.world, village.a, store, small_batches());
      link.run();
      ended = link.device_error;
      if (!link.come_again && !ended) break;
    }
    if (!store.has_failed()) {
      check(village);
      return failing;
    }
    REQUIRE(ended.has_value());
    CHECK(ended->code == ErrorCode::io_error);
    for (int connections = 0; connections < 4; ++connections) {
      if (sync(village.world, village.a).up_to_date) break;
    }
    check(village);
  }
}

void check_work_is_there(Away& village) {
  settle(village.world);
  CHECK(village.world.difference(village.a) == "");
  CHECK(village.world.difference(village.b) == "");
  CHECK(village.world.shown(village.b, "household", numbered(1), "phone") == Value::text("A"));
  CHECK(village.world.shown(village.b, "household", numbered(2), "boxes") == Value::integer(3));
  CHECK(village.world.shows(village.b, "household", numbered(9)));
  CHECK_FALSE(village.world.shows(village.a, "household", numbered(8)));
  CHECK_FALSE(village.world.shows(village.a, "household", numbered(10)));
  CHECK(village.a.store->outcomes().size() == 1);
}

}  // namespace

TEST_CASE("whichever call of a phone's storage fails once: the next sync brings everything") {
  const std::size_t calls = fail_each_call([](Away&) {}, check_work_is_there);
  CHECK(calls > 15);
}

TEST_CASE("whichever call fails once while a damaged phone heals: the next sync heals it") {
  const auto damage = [](Away& village) {
    const auto row = village.a.store->base({TableId{1}, numbered(3)});
    REQUIRE(row.has_value());
    village.a.store->damage({TableId{1}, numbered(3)}, std::nullopt);
  };
  const std::size_t calls = fail_each_call(damage, check_work_is_there);
  CHECK(calls > 20);
}
