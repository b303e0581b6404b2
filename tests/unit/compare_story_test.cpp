// Stories of a secretary who wants to know what one phone holds: asked by its sums, answered with
// the rows that are others and no more, nothing reloaded.
#include <doctest/doctest.h>

#include "engine/wire/codec.hpp"
#include "engine/wire/comparison_codec.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

using What = CellDifference::What;
using Why = CellDifference::Why;

const RowId wang = numbered(1);
const RowId li = numbered(2);

struct Village {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  Village() {
    std::vector<SyncWorld::Write> rows;
    for (std::uint64_t i = 1; i <= 400; ++i) {
      rows.push_back({"household", numbered(i),
                      image_of(world.schema, "household",
                               {{"village_code", Value::text("X")},
                                {"address", Value::text("lane " + std::to_string(i))},
                                {"phone", Value::text(std::to_string(i))}})});
    }
    world.write(a, rows);
    settle(world);
  }
  [[nodiscard]] RowKey key(const RowId& id) const {
    return {table_id(world.schema, "household"), id};
  }
  /// A value that nobody wrote, past all bookkeeping.
  void damage(const RowId& id) {
    b.store->damage(key(id), image_of(world.schema, "household",
                                      {{"village_code", Value::text("X")},
                                       {"address", Value::text("lane 1")},
                                       {"phone", Value::text("broken")}}));
  }
  ComparisonRecord ask() {
    return ask_comparison(*world.hub, b.store->state()->device, world.now, world.new_token())
        .value();
  }
  ComparisonRecord record() {
    return world.hub->snapshot().value()->comparison(b.store->state()->device).value().value();
  }
  DeviceComparison answer() { return decode_comparison(record().answer).value(); }
  static CellDifference cell(const RowId& row, std::string column, Why why, std::string hub,
                             std::string device) {
    return {"household",
            row,
            std::move(column),
            What::changed,
            why,
            Value::text(std::move(hub)),
            Value::text(std::move(device))};
  }
  static CellDifference whole(const RowId& row, What what, Why why) {
    return {"household", row, "", what, why, {}, {}};
  }
};

/// Rows that a phone said it holds, whole.
std::size_t rows_told(const TestLink& link) {
  std::size_t rows = 0;
  for (const Message& message : link.said_by_device) {
    const auto* said = std::get_if<Compared>(&message);
    if (said == nullptr) continue;
    for (const RowBlock& block : said->rows) rows += block.rows.size();
  }
  return rows;
}

std::size_t rows_sent_down(const TestLink& link) {
  std::size_t rows = 0;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes != nullptr) {
      for (const RowBlock& block : changes->rows) rows += block.rows.size();
    }
  }
  return rows;
}

}  // namespace

TEST_CASE(
    "a secretary compares a phone with a damaged row: that row and column is told, nothing else "
    "travels") {
  Village village;
  TestLink link(village.world, village.b, {.live = true, .cut_after = std::nullopt});
  link.run();
  village.damage(wang);
  link.ask_comparison(village.ask().asked);
  link.run();
  CHECK_FALSE(link.gone());
  CHECK_FALSE(village.record().waits());
  const DeviceComparison found = village.answer();
  CHECK(found.cells ==
        std::vector<CellDifference>{Village::cell(wang, "phone", Why::unexplained, "1", "broken")});
  CHECK_FALSE(found.is_equal());
  CHECK(found.buckets == 1);
  CHECK(rows_told(link) == 1);
  CHECK(rows_sent_down(link) == 0);
  // Asking has healed nothing.
  CHECK(village.world.shown(village.b, "household", wang, "phone") == Value::text("broken"));
  CHECK(link.applied.size() == 1);
}

TEST_CASE("a phone that finds the damage in the same sync says first what it held, then heals it") {
  Village village;
  auto& [world, a, b] = village;
  village.damage(wang);
  world.edit(a, "household", li, {{"phone", Value::text("222")}});
  sync(world, a);
  village.ask();
  const TestLink link = sync(world, b);
  CHECK(link.up_to_date);
  CHECK(village.answer().cells ==
        std::vector<CellDifference>{Village::cell(wang, "phone", Why::unexplained, "1", "broken"),
                                    Village::cell(li, "phone", Why::behind, "222", "2")});
  CHECK(world.difference(b) == "");
}

TEST_CASE("a phone that holds what the hub holds says so with its sums alone") {
  Village village;
  const ComparisonRecord asked = village.ask();
  CHECK(village.ask() == asked);  // one request waits at a time
  const TestLink link = sync(village.world, village.b);
  CHECK(village.answer().is_equal());
  CHECK(village.answer().cells.empty());
  CHECK(rows_told(link) == 0);
  const TestLink later = sync(village.world, village.b);
  for (const Message& message : later.said_by_hub) {
    CHECK_FALSE(std::holds_alternative<Compare>(message));
  }
}

TEST_CASE("a row that only the phone has and one that it lost are told as such") {
  Village village;
  village.b.store->damage(village.key(wang), std::nullopt);
  village.damage(numbered(9'999));
  village.ask();
  const TestLink link = sync(village.world, village.b);
  const DeviceComparison found = village.answer();
  CHECK(found.cells == std::vector<CellDifference>{
                           Village::whole(wang, What::missing, Why::unexplained),
                           Village::whole(numbered(9'999), What::surplus, Why::unexplained)});
  CHECK(rows_told(link) == 2);
}

TEST_CASE("what a phone has not fetched yet, and what it has not sent, is told with that reason") {
  Village village;
  auto& [world, a, b] = village;
  TestLink live(world, b, {.live = true, .cut_after = std::nullopt});
  live.run();
  world.edit(a, "household", li, {{"phone", Value::text("222")}});
  world.edit(a, "household", numbered(5), {{"phone", Value::text("555")}});
  world.remove(a, "household", numbered(3));
  world.insert(a, "household", numbered(500), {{"village_code", Value::text("X")}});
  sync(world, a);
  world.edit(b, "household", wang, {{"phone", Value::text("111")}});
  world.edit(b, "household", numbered(5), {{"address", Value::text("lane 55")}});
  world.remove(b, "household", numbered(4));
  world.insert(b, "household", numbered(501), {{"village_code", Value::text("X")}});
  // The phone has not heard of the one and not sent the other.
  live.ask_comparison(village.ask().asked);
  live.run();
  CHECK_FALSE(live.device_error);
  const DeviceComparison found = village.answer();
  const std::vector<CellDifference> expected{
      Village::cell(li, "phone", Why::behind, "222", "2"),
      Village::whole(numbered(3), What::surplus, Why::behind),
      Village::whole(numbered(500), What::missing, Why::behind),
      Village::cell(wang, "phone", Why::pending, "1", "111"),
      Village::whole(numbered(4), What::missing, Why::pending),
      Village::cell(numbered(5), "address", Why::pending, "lane 5", "lane 55"),
      Village::cell(numbered(5), "phone", Why::behind, "555", "5"),
      Village::whole(numbered(501), What::surplus, Why::pending)};
  CHECK(found.cells == expected);
  CHECK(found.is_equal());
  CHECK(found.pending == 4);
}

TEST_CASE("a live phone is asked where it stands, and goes on live") {
  Village village;
  auto& [world, a, b] = village;
  TestLink live(world, b, {.live = true, .cut_after = std::nullopt});
  live.run();
  REQUIRE(live.up_to_date);
  village.damage(wang);
  live.ask_comparison(village.ask().asked);
  live.run();
  CHECK(village.answer().cells.size() == 1);
  world.edit(a, "household", li, {{"phone", Value::text("222")}});
  sync(world, a);
  live.committed();
  live.run();
  CHECK_FALSE(live.gone());
  CHECK(world.shown(b, "household", li, "phone") == Value::text("222"));
}

TEST_CASE("a phone that was given another village answers once it holds that one too") {
  Village village;
  auto& [world, a, b] = village;
  Phone& c = world.add_phone("C", {"Y"});
  world.insert(c, "household", numbered(600), {{"village_code", Value::text("Y")}});
  sync(world, c);
  world.grant(b, {ScopeId{"X"}, ScopeId{"Y"}});
  village.ask();
  const TestLink link = sync(world, b);
  CHECK(link.up_to_date);
  CHECK_FALSE(village.record().waits());
  CHECK(village.answer().cells.empty());
  CHECK(world.shows(b, "household", numbered(600)));
}

TEST_CASE("a comparison whose link is cut at any moment is answered by a later call") {
  bool was_cut = true;
  for (std::size_t after = 1; was_cut; ++after) {
    CAPTURE(after);
    Village village;
    village.damage(wang);
    village.ask();
    LinkOptions options;
    options.cut_after = after;
    TestLink link(village.world, village.b, options);
    link.run();
    was_cut = link.was_cut;
    if (was_cut) sync(village.world, village.b);
    CHECK_FALSE(village.record().waits());
    CHECK(village.answer().cells.size() == 1);
  }
}

TEST_CASE("the hub counts what a phone has healed once, however often the phone says so") {
  Village village;
  auto& [world, a, b] = village;
  village.damage(wang);
  world.edit(a, "household", li, {{"phone", Value::text("222")}});
  sync(world, a);
  const DeviceId device = b.store->state()->device;
  const auto healed = [&] { return world.hub->snapshot().value()->device(device).value().value(); };
  bool was_cut = true;
  for (std::size_t after = 1; was_cut; ++after) {
    LinkOptions options;
    options.cut_after = after;
    TestLink link(world, b, options);
    link.run();
    was_cut = link.was_cut;
  }
  CHECK(healed().healed == 1);
  CHECK(healed().healed_at.has_value());
  CHECK_FALSE(b.store->heal_report()->has_value());
  village.damage(li);
  world.edit(a, "household", numbered(3), {{"phone", Value::text("333")}});
  sync(world, a);
  sync(world, b);
  CHECK(healed().healed == 2);
  CHECK(world.difference(b) == "");
}
