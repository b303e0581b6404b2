// Which pairs stay, go and come back, and ids that are aliases for good (SEMANTICS D4, D6), on both
// stores.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/server/twins_fixture.hpp"

namespace doorstep::test {
namespace {

Duplicate pair_of(TwinWorld& world, const RowId& one, const RowId& other) {
  for (const Duplicate& pair : world.pairs(false)) {
    if (pair.id == duplicate_id_of("household", one, other)) return pair;
  }
  return Duplicate{};
}

}  // namespace

TEST_CASE_TEMPLATE(
    "D4: the id of a merged row is not collected: a phone that slept still reaches it", Store,
    BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  Phone& sleeper = world.add_phone("李秀英", {"X"});
  settle(world);
  REQUIRE(world.accept(world.open_pair()).ok());
  for (int i = 0; i < 2; ++i) {
    for (Phone* phone : {&story.a, &story.b}) sync(world, *phone);
  }
  world.pass(std::int64_t{181} * 24 * 3'600'000);
  for (Phone* phone : {&story.a, &story.b}) sync(world, *phone);
  static_cast<void>(world.collect());
  world.edit(sleeper, "household", story.twin, {{"phone", Value::text("13873102245")}});
  const RowId late = world.visit(sleeper, 15, story.twin, "半年以后");
  story.check_equal();
  CHECK(world.shown(story.a, "household", story.wang, "phone") == Value::text("13873102245"));
  CHECK(world.home_of("visit", late) == story.wang);
  CHECK(world.difference(sleeper) == "");
}

TEST_CASE_TEMPLATE("D6: a pair whose two rows are one by now is accepted without changing a row",
                   Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  Phone& c = world.add_phone("李秀英", {"X"});
  const RowId third = world.household(c, 3, "王健国", "二组15号");
  settle(world);
  REQUIRE(world.reject(pair_of(world, story.wang, third)).ok());
  REQUIRE(world.accept(pair_of(world, story.wang, story.twin), story.twin).ok());
  REQUIRE(world.accept(pair_of(world, story.twin, third), story.twin).ok());
  const StoredRow before = *world.hub_row("household", story.twin);
  const auto done = world.accept(pair_of(world, story.wang, third));  // not two after all
  REQUIRE(done.ok());
  CHECK(done->references == 0);
  CHECK(pair_of(world, story.wang, third).state == DuplicateState::accepted);
  CHECK(world.hub_row("household", story.twin) == before);
  story.check_equal();
  CHECK(world.home_of("visit", story.visit_a) == story.twin);
}

TEST_CASE_TEMPLATE("D6: of a pair whose row went into another one, the other one is meant", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const RowId third = world.household(story.a, 3, "王健国", "二组15号");
  settle(world);
  const Duplicate rejected = pair_of(world, story.wang, third);
  REQUIRE(world.reject(rejected).ok());
  REQUIRE(world.accept(pair_of(world, story.wang, story.twin), story.twin).ok());
  REQUIRE(world.accept(rejected, story.wang).ok());  // not two after all
  story.check_equal();
  CHECK(world.hub_row("household", third)->merged_into == story.twin);
  CHECK(world.shows(story.b, "household", story.twin));
  CHECK_FALSE(world.shows(story.b, "household", third));
}

TEST_CASE_TEMPLATE("D6: what was rejected of the row that goes is not asked of the one that stays",
                   Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const RowId third = world.household(story.a, 3, "王健国", "三组2号");
  for (const RowId& id : {story.wang, third}) {
    world.edit(story.a, "household", id, {{"phone", Value::text("13873102245")}});
  }
  settle(world);
  REQUIRE(world.reject(pair_of(world, story.wang, third)).ok());
  REQUIRE(world.accept(world.open_pair(), story.twin).ok());
  story.check_equal();
  CHECK(world.shown(story.a, "household", story.twin, "phone") == Value::text("13873102245"));
  CHECK(world.pairs().empty());
  CHECK(pair_of(world, story.twin, third).state == DuplicateState::rejected);
}

TEST_CASE_TEMPLATE("D6: a late edit of a merged id has seen none of the survivor's values", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  world.edit(story.a, "household", story.wang, {{"phone", Value::text("111")}});
  settle(world);  // the other phone has passed the number, but it is another family's to it
  world.edit(story.b, "household", story.twin, {{"phone", Value::text("222")}});
  REQUIRE(world.accept(world.open_pair()).ok());
  story.check_equal();
  CHECK(world.shown(story.a, "household", story.wang, "phone") == Value::text("222"));
  const auto losers = world.losers("household", story.wang);
  CHECK(std::count(losers.begin(), losers.end(), "phone: \"111\" (auto)") == 1);
}

TEST_CASE_TEMPLATE("D6: a late edit of a merged id is judged by the rights to that id", Store,
                   BOTH_STORES) {
  Store store;
  TwinWorld world(1, store.maker());
  Phone& x = world.add_phone("陈大山", {"X"});
  Phone& y = world.add_phone("王丽", {"Y"});
  const RowId wang = world.household(x, 1, "王建国", "二组15号", "X");
  const RowId twin = world.household(y, 2, "王建国", "二组15号", "Y");
  settle(world);
  world.edit(y, "household", twin, {{"phone", Value::text("13873102245")}});
  const RowId late = world.visit(y, 14, twin, "迟到的走访");
  REQUIRE(world.accept(world.open_pair(), wang).ok());
  settle(world);
  CHECK(y.store->outcomes().empty());
  CHECK(world.shown(x, "household", wang, "phone") == Value::text("13873102245"));
  CHECK(world.home_of("visit", late) == wang);
}

TEST_CASE_TEMPLATE("D6: un-merge moves back only what the merge has put there", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const RowId other = world.household(story.a, 3, "张海", "三组2号");
  const RowId son = world.resident(story.b, 21, story.twin, "王小明");
  const RowId daughter = world.resident(story.b, 22, story.twin, "王小红");
  settle(world);
  const Duplicate pair = world.open_pair();
  REQUIRE(world.accept(pair).ok());
  settle(world);
  for (const RowId& house : {other, story.wang}) {  // he moves out, and back on purpose
    world.edit(story.a, "resident", son, {{"household_id", key_value(house)}});
    settle(world);
  }
  REQUIRE(world.unmerge(pair).ok());
  story.check_equal();
  CHECK(world.home_of("resident", son) == story.wang);
  CHECK(world.home_of("resident", daughter) == story.twin);
}

TEST_CASE_TEMPLATE("D6: a resident who comes back finds the family that hers was merged into",
                   Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const RowId son = world.resident(story.b, 21, story.twin, "王小明");
  settle(world);
  world.edit(story.b, "resident", son, {{"name", Value::text("王晓明")}});  // not sent yet
  world.remove(story.a, "resident", son);
  sync(world, story.a);
  REQUIRE(world.accept(world.open_pair()).ok());
  story.check_equal();
  CHECK(world.home_of("resident", son) == story.wang);
  CHECK_FALSE(world.hub_row("household", story.twin)->live);
  CHECK(world.shown(story.a, "resident", son, "name") == Value::text("王晓明"));
}

}  // namespace doorstep::test
