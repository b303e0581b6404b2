// SEMANTICS D6: deletes that come addressed to a row which was merged into another.
#include <doctest/doctest.h>

#include "tests/support/twin_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

/// X1 and X2 registered one family, each its own way; the township keeps X2's while X1 is offline.
struct Merged {
  TwinWorld world;
  Phone& a = world.add_phone("X1", {"X"});
  Phone& b = world.add_phone("X2", {"X"});
  RowId gone = world.household(a, 1, "王建国", "二组15号");
  RowId kept = numbered(2);

  Merged() {
    sync(world, a);
    kept = world.household(b, 2, "王建国", "二组15号");
    sync(world, b);
    const auto pairs = world.pairs();
    REQUIRE(pairs.size() == 1);
    REQUIRE(world.accept(pairs.front(), kept).ok());
  }
};

}  // namespace

TEST_CASE(
    "a resident who is added to a merged family and deleted with it, both in one push, stays with "
    "the family that lives") {
  Merged story;
  const RowId resident = story.world.resident(story.a, 10, story.gone, "王小明");
  story.world.write(
      story.a, {{"resident", resident, std::nullopt}, {"household", story.gone, std::nullopt}});
  settle(story.world);
  CHECK(story.world.home_of("resident", resident) == story.kept);
  CHECK(story.world.losers("household", story.kept) == std::vector<std::string>{": NULL (open)"});
}

TEST_CASE("a phone deletes both households, which are one by now: nothing is left to decide") {
  TwinWorld world;
  Phone& a = world.add_phone("X1", {"X"});
  const RowId gone = world.household(a, 1, "王建国", "二组15号");
  const RowId kept = world.household(a, 2, "王建国", "二组15号");
  sync(world, a);
  REQUIRE(world.accept(world.open_pair(), kept).ok());
  world.write(a, {{"household", gone, std::nullopt}, {"household", kept, std::nullopt}});
  settle(world);
  CHECK_FALSE(world.hub_row("household", kept)->live);
  CHECK(world.losers("household", kept).empty());
}
