// What a broken link costs: bytes that had come, or gone, and are carried once more.
#include <doctest/doctest.h>

#include <functional>

#include "engine/session/run_progress.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::uint64_t families = 400;
constexpr std::size_t batch_rows = 20;
constexpr int five_percent_steps = 20;

Value noise(SeededRandom& random, std::size_t bytes) {
  Bytes drawn(bytes / 2);
  random.fill(drawn);
  return Value::text(to_hex(drawn));
}

/// Families of village X that a phone has written, one in each transaction, or all in one.
void write_families(SyncWorld& world, Phone& phone, std::uint64_t count, std::size_t text_bytes) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    world.insert(phone, "household", numbered(i),
                 {{"village_code", Value::text("X")}, {"phone", noise(world.random, text_bytes)}});
  }
}

/// The heaviest frame of a kind, and the greeting's, both ways.
struct Weights {
  std::uint64_t batch = 0;
  std::uint64_t greeting = 0;
};

Weights weights_of(const TestLink& link) {
  Weights weights;
  for (const auto& [message, bytes] : link.carried) {
    const bool is_batch =
        std::holds_alternative<Push>(message) || std::holds_alternative<Changes>(message);
    if (is_batch) weights.batch = std::max(weights.batch, bytes);
  }
  weights.greeting = link.traffic().of(TrafficReason::greeting).both();
  return weights;
}

}  // namespace

TEST_CASE(
    "a first load that breaks at any 5 % goes on and carries at most one batch again, and its bar "
    "never goes back") {
  SyncWorld world(5);
  Phone& wang = world.add_phone("Wang", {"X"});
  write_families(world, wang, families, 120);
  sync(world, wang);
  LinkOptions options;
  options.rows_max = batch_rows;
  Phone& measures = world.add_phone("measures", {"X"});
  const TestLink whole = sync(world, measures, options);
  REQUIRE(whole.up_to_date);
  const std::uint64_t rows = whole.progress.back().pulled;
  const Weights weights = weights_of(whole);
  for (int step = 1; step < five_percent_steps; ++step) {
    CAPTURE(step);
    Phone& li = world.add_phone("Li " + std::to_string(step), {"X"});
    LinkOptions cut = options;
    cut.cut_after_bytes =
        whole.bytes_carried * static_cast<std::uint64_t>(step) / five_percent_steps;
    const TestLink first = sync(world, li, cut);
    CHECK(first.was_cut);
    const std::uint64_t staged = li.store->state().value().staged_rows;
    const TestLink second = sync(world, li, options);
    CHECK(second.up_to_date);
    CHECK(world.difference(li) == "");
    CHECK(first.bytes_carried + second.bytes_carried <=
          whole.bytes_carried + weights.batch + 2 * weights.greeting);
    // It goes on from where it was, and says so.
    CHECK(staged + second.progress.back().pulled == rows);
    if (staged > 0) CHECK(second.progress.front().pulled_before == staged);
    RunProgress bar(world.now);
    std::uint32_t before = 0;
    for (const SyncProgress& seen : second.progress) {
      bar.take(seen, world.now);
      CHECK(bar.shown().percent >= before);
      CHECK(bar.shown().percent < 100);
      before = bar.shown().percent;
    }
    const auto had = static_cast<std::uint32_t>(99 * staged / rows);
    bar.up_to_date();
    CHECK(before >= had);
    CHECK(bar.shown().percent == 100);
  }
}

TEST_CASE("a push that breaks at any 5 % goes on and carries at most one batch again") {
  const auto world_with_work = [] {
    auto world = std::make_unique<SyncWorld>(6);
    Phone& wang = world->add_phone("Wang", {"X"});
    write_families(*world, wang, 300, 6'000);
    return world;
  };
  const auto whole_world = world_with_work();
  const TestLink whole = sync(*whole_world, *whole_world->phones.front());
  REQUIRE(whole.up_to_date);
  const Weights weights = weights_of(whole);
  const std::uint64_t sent = whole.traffic().of(TrafficReason::push).sent;
  REQUIRE(sent > 3 * weights.batch);
  for (int step = 1; step < five_percent_steps; ++step) {
    CAPTURE(step);
    const auto world = world_with_work();
    Phone& wang = *world->phones.front();
    LinkOptions cut;
    cut.cut_after_bytes =
        whole.bytes_carried * static_cast<std::uint64_t>(step) / five_percent_steps;
    TestLink first(*world, wang, cut);
    while (first.work() || first.deliver_up() || first.deliver_down()) {
      // The hub works while the frames come.
    }
    CHECK(first.was_cut);
    LinkOptions again;
    again.sent_before = first.sent_through();
    const TestLink second = sync(*world, wang, again);
    CHECK(second.up_to_date);
    CHECK(world->difference(wang) == "");
    // What the cut link had carried whole, and what the next one carried.
    CHECK(first.bytes_carried + second.bytes_carried <=
          whole.bytes_carried + weights.batch + 2 * weights.greeting);
  }
}

TEST_CASE("every byte of a connection has one reason, and what goes again is known") {
  SyncWorld world(7);
  Phone& wang = world.add_phone("Wang", {"X"});
  Phone& li = world.add_phone("Li", {"X"});
  write_families(world, wang, 30, 400);
  LinkOptions cut;
  cut.cut_after = 4;  // challenge, hello, push, pull: no ack has come
  const TestLink first = sync(world, wang, cut);
  REQUIRE(first.was_cut);
  LinkOptions again;
  again.sent_before = first.sent_through();
  for (const TestLink& link : {sync(world, wang, again), sync(world, li)}) {
    CHECK(link.up_to_date);
    CHECK(link.traffic().total().both() == link.bytes_carried);
    CHECK(link.traffic().of(TrafficReason::other).both() == 0);
    CHECK(link.traffic().of(TrafficReason::greeting).sent > 0);
    CHECK(link.traffic().of(TrafficReason::rows).received > 0);
  }
  const TestLink idle = sync(world, wang);
  CHECK(idle.traffic().of(TrafficReason::push).both() == 0);
  CHECK(idle.traffic().of(TrafficReason::resent).both() == 0);
}
