// Byte budgets: what a link carries never passes what was allowed, what fits is done in the
// declared order, and the next call goes on from there.
#include <doctest/doctest.h>

#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::uint64_t kilobyte = 1000;

Value words(SeededRandom& random, std::size_t bytes) {
  Bytes drawn(bytes / 2);
  random.fill(drawn);
  return Value::text(to_hex(drawn));
}

void write_families(SyncWorld& world, Phone& phone, std::uint64_t first, std::uint64_t count,
                    std::size_t text_bytes) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    world.insert(phone, "household", numbered(i),
                 {{"village_code", Value::text("X")}, {"phone", words(world.random, text_bytes)}});
  }
}

LinkOptions within(std::uint64_t bytes) {
  LinkOptions options;
  options.bytes_max = bytes;
  return options;
}

Sequence merged_of(SyncWorld& world, Phone& phone) {
  const auto snapshot = world.hub->snapshot().value();
  return snapshot->device(phone.store->state().value().device).value()->merged;
}

/// As a person does who has so much a day: until all is there. How many days it took; zero when it
/// did not end.
int days_until_done(SyncWorld& world, Phone& phone, std::uint64_t bytes_a_day) {
  std::uint64_t allowed = bytes_a_day;
  for (int day = 1; day < 400; ++day) {
    const auto before = phone.store->state().value();
    const Sequence had = merged_of(world, phone);
    const TestLink link = sync(world, phone, within(allowed));
    CHECK(link.bytes_carried <= allowed);
    CHECK(link.bytes_carried == link.traffic().total().both());
    CHECK_FALSE(link.device_error.has_value());
    if (link.up_to_date) return day;
    REQUIRE(link.budget_used.has_value());
    const auto after = phone.store->state().value();
    const Sequence merged = merged_of(world, phone);
    CHECK(link.budget_used->transactions == after.pending);
    const bool moved = merged > had || after.acknowledged > before.acknowledged ||
                       after.cursor > before.cursor || after.staged_rows > before.staged_rows;
    // Too little for the next piece: it says how much is not.
    CHECK((moved || link.budget_used->enough > allowed));
    allowed = moved ? bytes_a_day : link.budget_used->enough;
  }
  return 0;
}

}  // namespace

TEST_CASE("no message weighs more on the wire than was reckoned before it was encoded") {
  SeededRandom random(11);
  for (const int level : {0, 1, 3, 9}) {
    FrameEncoder encoder;
    if (level > 0) encoder.enable_compression(level);
    for (std::size_t size = 0; size < 600'000; size = size * 3 / 2 + 1) {
      Bytes message(size);
      random.fill(message);
      const Bytes frame = encoder.encode(message);
      CAPTURE(size);
      CHECK(bytes_on_wire(frame.size(), Way::up) <= bytes_on_wire_max(size, Way::up));
      CHECK(bytes_on_wire(frame.size(), Way::down) <= bytes_on_wire_max(size, Way::down));
    }
  }
}

TEST_CASE("whatever is to go and to come, no day passes its bytes, and all is there in the end") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    for (const std::uint64_t bytes :
         {2 * kilobyte, 5 * kilobyte, 16 * kilobyte, 64 * kilobyte, 256 * kilobyte}) {
      CAPTURE(seed);
      CAPTURE(bytes);
      SyncWorld world(seed);
      Phone& wang = world.add_phone("Wang", {"X"});
      Phone& li = world.add_phone("Li", {"X"});
      SeededRandom& random = world.random;
      write_families(world, wang, 1, 40 + random.below(60), random.below(900));
      CHECK(days_until_done(world, wang, bytes) > 0);
      write_families(world, li, 1000, random.below(40), random.below(300));
      world.edit(wang, "household", numbered(1), {{"boxes", Value::integer(7)}});
      world.remove(wang, "household", numbered(2));
      CHECK(days_until_done(world, wang, bytes) > 0);
      CHECK(days_until_done(world, li, bytes) > 0);
      CHECK(days_until_done(world, wang, bytes) > 0);
      CHECK(world.difference(wang) == "");
      CHECK(world.difference(li) == "");
    }
  }
}

TEST_CASE("own work goes before the hub's rows, the oldest first, and what is left waits") {
  SyncWorld world(3);
  Phone& wang = world.add_phone("Wang", {"X"});
  Phone& li = world.add_phone("Li", {"X"});
  write_families(world, li, 1, 100, 300);
  sync(world, li);
  write_families(world, wang, 1000, 30, 400);
  const TestLink link = sync(world, wang, within(6 * kilobyte));
  REQUIRE(link.budget_used.has_value());
  CHECK_FALSE(link.up_to_date);
  const auto own = wang.store->state().value();
  CHECK(own.acknowledged.value > 5);
  CHECK(own.acknowledged.value < 30);
  CHECK(link.budget_used->transactions == 30 - own.acknowledged.value);
  CHECK(world.hub_row("household", numbered(1000)).has_value());
  CHECK_FALSE(world.hub_row("household", numbered(1029)).has_value());
  CHECK(wang.store->rows().empty() == false);  // her own work is shown all the while
  CHECK(days_until_done(world, wang, 20 * kilobyte) > 1);
  CHECK(world.difference(wang) == "");
}

TEST_CASE("a load within a budget is staged, shows nothing early, and says how many rows wait") {
  SyncWorld world(4);
  Phone& wang = world.add_phone("Wang", {"X"});
  Phone& li = world.add_phone("Li", {"X"});
  write_families(world, wang, 1, 200, 200);
  sync(world, wang);
  const TestLink first = sync(world, li, within(8 * kilobyte));
  REQUIRE(first.budget_used.has_value());
  const std::uint64_t staged = li.store->state().value().staged_rows;
  CHECK(staged > 20);
  CHECK(li.store->rows().empty());
  CHECK(first.budget_used->rows == 202 - staged);  // with the township and the village
  const TestLink second = sync(world, li);
  CHECK(second.up_to_date);
  CHECK(second.progress.front().pulled_before == staged);
  CHECK(second.progress.back().pulled == 202 - staged);
  CHECK(world.difference(li) == "");
}

TEST_CASE("a budget that is too small for anything says what would be enough, and that is enough") {
  SyncWorld world(5);
  Phone& wang = world.add_phone("Wang", {"X"});
  write_families(world, wang, 1, 1, 30'000);
  std::uint64_t allowed = limits::budget_bytes_min;
  int tries = 0;
  while (wang.store->state().value().acknowledged == Sequence{}) {
    const TestLink link = sync(world, wang, within(allowed));
    CHECK(link.bytes_carried <= allowed);
    if (!link.budget_used) break;
    if (wang.store->state().value().acknowledged == Sequence{1}) break;
    REQUIRE(link.budget_used->enough > allowed);
    allowed = link.budget_used->enough;
    REQUIRE(++tries < 5);
  }
  CHECK(tries > 0);
  CHECK(wang.store->state().value().acknowledged == Sequence{1});
}

TEST_CASE("what became of work is heard another day when it does not fit into this one") {
  SyncWorld world(6);
  Phone& wang = world.add_phone("Wang", {"X"});
  Phone& li = world.add_phone("Li", {"X"});
  write_families(world, wang, 1, 40, 20);
  sync(world, wang);
  sync(world, li);
  for (std::uint64_t i = 1; i <= 40; ++i) {
    world.edit(wang, "household", numbered(i), {{"phone", Value::text("w")}});
    world.pass(1000);
    world.edit(li, "household", numbered(i), {{"phone", Value::text("l")}});
  }
  sync(world, wang);
  CHECK(days_until_done(world, li, 1'500) > 1);
  CHECK(world.difference(li) == "");
  CHECK(world.difference(wang) != "");
  sync(world, wang);
  CHECK(world.difference(wang) == "");
}
