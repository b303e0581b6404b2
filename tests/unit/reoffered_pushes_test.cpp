// SEMANTICS G3 at the merge writer: pushes of what a restored hub lacks go into commits by where
// the lost hub had them, gaps are put on record, and what was refused stays so.
#include <doctest/doctest.h>

#include "engine/core/hash.hpp"
#include "engine/session/begin_epoch.hpp"
#include "engine/session/merge_pushes.hpp"
#include "tests/support/lost_hub.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Position lost(std::uint64_t number) { return Position::of(1, number); }

/// Mei registered three households; the hub that had them is lost.
struct Restored {
  SyncWorld world;
  Phone& mei = world.add_phone("Mei", {"X"});
  DeviceId device = mei.store->state().value().device;
  Push all;

  Restored() {
    for (std::uint64_t number = 1; number <= 3; ++number) {
      world.insert(mei, "household", numbered(number), {{"village_code", Value::text("X")}});
    }
    all = mei.store->outbox(Sequence{}, ~std::size_t{0}).value();
    REQUIRE(all.bodies.size() == 3);
    Hello hello;
    hello.device = device;
    hello.cursor = lost(99);
    hello.last = Sequence{3};
    REQUIRE(begin_epoch(*world.hub, hello, world.now, world.new_token()).ok());
  }

  [[nodiscard]] Hash hash_after(std::size_t count) const {
    Hash hash;
    for (std::size_t i = 0; i < count; ++i) {
      hash = chain_hash(hash, device, Sequence{i + 1}, all.bodies[i]);
    }
    return hash;
  }
  /// Transactions first .. first + was.size() - 1.
  [[nodiscard]] PushRequest request(std::size_t first, std::vector<Position> was) const {
    PushRequest request;
    request.device = device;
    request.clock = world.clocks(mei);
    request.clock_met = world.now;
    request.push.first = Sequence{first};
    for (std::size_t i = 0; i < was.size(); ++i) {
      request.push.bodies.push_back(all.bodies[first - 1 + i]);
    }
    request.push.head = hash_after(first - 1 + was.size());
    request.push.was = std::move(was);
    return request;
  }
  std::vector<Result<PushResult>> merge(const std::vector<PushRequest>& requests) {
    return merge_pushes(*world.hub, world.log, requests, world.now, world.new_token());
  }
  std::vector<TransactionRecord> records() {
    return world.hub->snapshot().value()->transactions(device, Sequence{}, Sequence{9}).value();
  }
  Position was_of(Position position) {
    const auto commit = world.hub->begin().value();
    const auto found = commit->epochs().reoffered(device, position).value();
    return found ? found->was : Position{};
  }
  bool has(std::uint64_t household) {
    return world.hub_row("household", numbered(household)).has_value();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Restored,
                  "G3: two pushes that wait together go into as many commits as the lost hub had, "
                  "in order, each once") {
  const std::vector<PushRequest> pushes{request(1, {lost(70), lost(71)}), request(3, {lost(72)})};
  for (int round = 0; round < 2; ++round) {
    const Position head = world.head();
    const auto results = merge(pushes);
    REQUIRE(results.size() == 2);
    REQUIRE(results[0].ok());
    REQUIRE(results[1].ok());
    // A repeat is told of all that is here.
    CHECK(results[0]->ack.through.value == (round == 0 ? 2 : 3));
    CHECK(results[1]->ack.through == Sequence{3});
    CHECK(results[0]->ack.items.empty());
    if (round > 0) CHECK(world.head() == head);
  }
  const auto all_records = records();
  REQUIRE(all_records.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK(all_records[i].position == Position::of(2, world.head().number() - 2 + i));
    CHECK(was_of(all_records[i].position) == lost(70 + i));
    CHECK(has(i + 1));
  }
  // Each commit has a token of its own.
  const auto snapshot = world.hub->snapshot().value();
  CHECK(snapshot->token(all_records[0].position).value() !=
        snapshot->token(all_records[1].position).value());
}

TEST_CASE_FIXTURE(Restored,
                  "G1: what nobody holds any more is a gap on record, and the chain goes on after "
                  "it") {
  PushRequest later = request(3, {Position{}});
  CHECK(merge({later})[0].error().code == ErrorCode::sequence_gap);
  later.push.missing = hash_after(1);
  CHECK(merge({later})[0].error().code == ErrorCode::hash_mismatch);
  later.push.missing = hash_after(2);
  for (int round = 0; round < 2; ++round) {
    const auto results = merge({later});
    REQUIRE(results[0].ok());
    CHECK(results[0]->ack.through == Sequence{3});
  }
  CHECK_FALSE(has(1));
  CHECK(has(3));
  const auto gaps = world.hub->snapshot().value()->gaps(device).value();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0] == GapRecord{device, Sequence{1}, Sequence{2}, hash_after(2), world.now});
  const auto record = world.hub->snapshot().value()->device(device).value();
  CHECK(record->merged == Sequence{3});
  CHECK(record->head == all.head);
}

TEST_CASE_FIXTURE(Restored, "G1: a gap is believed only of what is from before the restore") {
  world.insert(mei, "household", numbered(4), {{"village_code", Value::text("X")}});
  world.insert(mei, "household", numbered(5), {{"village_code", Value::text("X")}});
  all = mei.store->outbox(Sequence{}, ~std::size_t{0}).value();
  PushRequest beyond = request(5, {Position{}});
  beyond.push.missing = hash_after(4);
  CHECK(merge({beyond})[0].error().code == ErrorCode::sequence_gap);
  PushRequest first_new = request(4, {Position{}});
  first_new.push.missing = hash_after(3);
  CHECK(merge({first_new})[0].ok());
}

TEST_CASE_FIXTURE(Restored, "G3: what the lost hub had refused stays refused, the rest is merged") {
  const auto results = merge({request(1, {lost(70), refused_before, lost(71)})});
  REQUIRE(results[0].ok());
  CHECK(results[0]->ack.through == Sequence{3});
  REQUIRE(results[0]->ack.items.size() == 1);
  CHECK(results[0]->ack.items[0].sequence == Sequence{2});
  CHECK(results[0]->ack.items[0].outcome.kind == Outcome::Kind::rejected);
  CHECK(has(1));
  CHECK_FALSE(has(2));
  CHECK(has(3));
}

TEST_CASE(
    "G3: an edit that comes before its household waits, with all that builds on it, and is taken "
    "in when the household comes") {
  SyncWorld world;
  Phone& mei = world.add_phone("Mei", {"X"});
  Phone& jun = world.add_phone("Jun", {"X"});
  settle_through(world);
  const auto backup = backup_of(world);
  world.insert(mei, "household", numbered(1), {{"village_code", Value::text("X")}});
  settle_through(world);
  const auto known = jun.store->row({table_id(world.schema, "household"), numbered(1)});
  const Fields edit = {{"address", Value::text("12")}};
  const Fields fresh = {{"village_code", Value::text("X")}};
  world.write(jun, {{"household", numbered(1), with(world.schema, "household", *known, edit)},
                    {"household", numbered(2), image_of(world.schema, "household", fresh)}});
  world.edit(jun, "household", numbered(2), {{"address", Value::text("14")}});
  world.insert(jun, "visit", numbered(7),
               {{"household_id", key_value(numbered(2))}, {"findings", Value::text("well")}});
  settle_through(world);
  put_back(world, *backup);

  const auto waiting = [&] {
    std::vector<Sequence> found;
    for (const auto& one : world.hub->snapshot().value()->quarantine({9, true}).value()) {
      CHECK(one.reason.code == ErrorCode::row_unknown);
      found.insert(found.begin(), one.id.sequence);
    }
    return found;
  };
  static_cast<void>(sync_as_copy(world, jun));
  CHECK(waiting() == std::vector{Sequence{1}, Sequence{2}, Sequence{3}});
  CHECK_FALSE(world.hub_row("household", numbered(1)).has_value());
  static_cast<void>(sync_as_copy(world, mei));
  CHECK(waiting().empty());
  const auto address = [&](std::uint64_t household) {
    const auto row = world.hub_row("household", numbered(household));
    return row ? field(world.schema, "household", row->image, "address") : Value::null();
  };
  CHECK(address(1) == Value::text("12"));
  CHECK(address(2) == Value::text("14"));
  const auto visit = world.hub_row("visit", numbered(7));
  REQUIRE(visit.has_value());
  CHECK(field(world.schema, "visit", visit->image, "findings") == Value::text("well"));
  settle_through(world);
  for (const Phone* phone : {&mei, &jun}) {
    CHECK(world.shown(*phone, "visit", numbered(7), "findings") == Value::text("well"));
  }
}
