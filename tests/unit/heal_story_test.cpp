// Stories of replicas whose rows are not what they should be: found by a digest, narrowed by
// buckets, healed without a reload (SEMANTICS E3).
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);

struct LargeVillage {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  LargeVillage() {
    std::vector<SyncWorld::Write> rows;
    for (std::uint64_t i = 1; i <= 400; ++i) {
      rows.push_back({"household", numbered(i),
                      image_of(world.schema, "household",
                               {{"village_code", Value::text("X")},
                                {"address", Value::text("lane " + std::to_string(i))}})});
    }
    world.write(a, rows);
    settle(world);
  }
  [[nodiscard]] RowKey key(const RowId& id) const {
    return {table_id(world.schema, "household"), id};
  }
  void damage(Phone& phone, const RowId& id) {
    phone.store->damage(
        key(id), image_of(world.schema, "household",
                          {{"village_code", Value::text("X")}, {"phone", Value::text("broken")}}));
  }
  /// Somebody writes to the hub's rows past all bookkeeping.
  void damage_hub(const RowId& id) {
    auto commit = world.hub->begin().value();
    auto row = *world.hub_row("household", id);
    row.image = with(world.schema, "household", row.image, {{"phone", Value::text("by hand")}});
    const std::vector<StoredRow> rows{row};
    REQUIRE(commit->put_rows(rows).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
};

std::size_t rows_sent(const TestLink& link) {
  std::size_t rows = 0;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) rows += block.rows.size();
  }
  return rows;
}

}  // namespace

TEST_CASE(
    "a damaged row on a phone is found by its digest and healed by its bucket, not by a "
    "reload") {
  LargeVillage village;
  auto& [world, a, b] = village;
  bool surplus = false;
  SUBCASE("other values") { village.damage(b, wang); }
  SUBCASE("a row that is gone") { b.store->damage(village.key(wang), std::nullopt); }
  SUBCASE("a row that nobody wrote") {
    village.damage(b, numbered(9'999));
    surplus = true;
  }
  // The next checkpoint tells.
  world.edit(a, "household", numbered(7), {{"phone", Value::text("700")}});
  sync(world, a);
  const TestLink link = sync(world, b);
  CHECK(link.up_to_date);
  CHECK_FALSE(link.device_error);
  REQUIRE(link.applied.size() == 2);
  CHECK_FALSE(link.applied[0].differing.empty());
  CHECK(link.applied[1].reconciled);
  REQUIRE(link.applied[1].healed.size() == 1);
  const TableDifference& found = link.applied[1].healed[0];
  CHECK(found.table == "household");
  CHECK(found.missing + found.surplus + found.changed == 1);
  CHECK((found.surplus == 1) == surplus);
  CHECK(rows_sent(link) < 60);
  CHECK(world.difference(b) == "");
}

TEST_CASE("a live phone heals without losing what came meanwhile, and goes on live") {
  LargeVillage village;
  auto& [world, a, b] = village;
  TestLink live(world, b, {.live = true, .cut_after = std::nullopt});
  live.run();
  REQUIRE(live.up_to_date);
  village.damage(b, wang);
  world.edit(a, "household", numbered(7), {{"phone", Value::text("700")}});
  sync(world, a);
  live.committed();
  // The mismatch is noticed and sums are on their way; others commit before the hub reads them.
  while (live.work() || live.deliver_down()) {
  }
  world.edit(a, "household", numbered(8), {{"phone", Value::text("800")}});
  sync(world, a);
  live.committed();
  live.run();
  CHECK_FALSE(live.gone());
  CHECK(world.difference(b) == "");
  world.edit(a, "household", numbered(9), {{"phone", Value::text("900")}});
  sync(world, a);
  live.committed();
  live.run();
  CHECK(world.shown(b, "household", numbered(9), "phone") == Value::text("900"));
  CHECK(world.difference(b) == "");
}

TEST_CASE("unsent work on a damaged row survives the healing") {
  LargeVillage village;
  auto& [world, a, b] = village;
  world.edit(b, "household", wang, {{"phone", Value::text("mine")}});
  village.damage(b, wang);
  world.edit(a, "household", numbered(7), {{"phone", Value::text("700")}});
  sync(world, a);
  sync(world, b);
  CHECK(world.shown(b, "household", wang, "phone") == Value::text("mine"));
  CHECK(world.shown(b, "household", wang, "address") == Value::text("lane 1"));
  CHECK(world.difference(b) == "");
}

TEST_CASE(
    "a row that was changed at the hub by hand: its rows stand, its sums are counted again "
    "and the phones take the row") {
  LargeVillage village;
  auto& [world, a, b] = village;
  village.damage_hub(wang);
  // An edit of the damaged row takes away what its sum never had.
  world.edit(a, "household", wang, {{"phone", Value::text("111")}});
  world.pass(1000);
  for (int round = 0; round < 4; ++round) settle(world);
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
  const auto snapshot = world.hub->snapshot().value();
  const std::vector<ScopeId> scopes{{"X"}};
  CHECK(snapshot->digests(scopes).value() == snapshot->scan_digests(scopes).value());
}
