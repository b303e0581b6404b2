// What the hub says to somebody who listens, and what it need not say again.
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId li = numbered(2);

/// A volunteer of each village, and the township's officer, who sees both.
struct Township {
  SyncWorld world;
  Phone& officer = world.add_phone("officer", {"T"});
  Phone& x = world.add_phone("volunteer of X", {"X"});
  Phone& y = world.add_phone("volunteer of Y", {"Y"});

  Township() {
    world.insert(x, "household", wang,
                 {{"village_code", Value::text("X")}, {"phone", Value::text("100")}});
    world.insert(y, "household", li,
                 {{"village_code", Value::text("Y")}, {"phone", Value::text("200")}});
    sync(world, x);
    sync(world, y);
    sync(world, officer);
  }
  /// The volunteer of X writes, and the officer, who is live, hears of it.
  void edit_x(TestLink& live, std::string_view phone) {
    world.edit(x, "household", wang, {{"phone", Value::text(phone)}});
    sync(world, x);
    live.committed();
    live.run();
  }
};

const Checkpoint& last_checkpoint(const TestLink& link) {
  for (auto at = link.said_by_hub.rbegin(); at != link.said_by_hub.rend(); ++at) {
    const auto* changes = std::get_if<Changes>(&*at);
    if (changes != nullptr && changes->checkpoint) return *changes->checkpoint;
  }
  FAIL("no checkpoint");
  static const Checkpoint none;
  return none;
}

std::vector<ScopeId> named(const Checkpoint& checkpoint) {
  std::vector<ScopeId> scopes;
  for (const auto& one : checkpoint.digests) scopes.push_back(one.scope);
  return scopes;
}

/// Of the newest changes that came down.
std::uint64_t newest_weight(const TestLink& link) {
  std::uint64_t bytes = 0;
  for (const auto& [message, weight] : link.carried) {
    if (std::holds_alternative<Changes>(message)) bytes = weight;
  }
  return bytes;
}

}  // namespace

TEST_CASE("the officer hears of the village that changed, not of all that are as they were") {
  Township township;
  auto& [world, officer, x, y] = township;
  TestLink live(world, officer, {.live = true, .cut_after = std::nullopt});
  live.run();
  // She was up to date, and told the hub what she has.
  CHECK(last_checkpoint(live).others_stand);
  CHECK(named(last_checkpoint(live)).empty());
  township.edit_x(live, "101");
  CHECK(last_checkpoint(live).others_stand);
  CHECK(named(last_checkpoint(live)) == std::vector<ScopeId>{{"X"}});
  CHECK(world.difference(officer) == "");
  live.stop();
  // While she was away: the hub does not know which ones she has.
  world.edit(x, "household", wang, {{"phone", Value::text("102")}});
  sync(world, x);
  const TestLink back = sync(world, officer);
  CHECK_FALSE(last_checkpoint(back).others_stand);
  CHECK(named(last_checkpoint(back)) == std::vector<ScopeId>{{"T"}, {"X"}, {"Y"}});
  CHECK(world.difference(officer) == "");
}

TEST_CASE("a row damaged in the village that nobody speaks of is found with the next change") {
  Township township;
  auto& [world, officer, x, y] = township;
  TestLink live(world, officer, {.live = true, .cut_after = std::nullopt});
  live.run();
  const Schema& schema = world.schema;
  officer.store->damage({*schema.find_table("household"), li}, std::nullopt);
  REQUIRE_FALSE(world.shows(officer, "household", li));
  township.edit_x(live, "101");
  CHECK(world.shows(officer, "household", li));
  CHECK(world.difference(officer) == "");
  // The sums began anew with that.
  CHECK(named(last_checkpoint(live)) == std::vector<ScopeId>{{"T"}, {"X"}, {"Y"}});
  township.edit_x(live, "102");
  CHECK(named(last_checkpoint(live)) == std::vector<ScopeId>{{"X"}});
  CHECK(live.up_to_date_count == 3);
}

TEST_CASE("a live change weighs less when one like it was heard before, until the hub lets go") {
  Township township;
  auto& [world, officer, x, y] = township;
  TestLink live(world, officer, {.live = true, .cut_after = std::nullopt});
  live.run();
  township.edit_x(live, "13907458001");
  const std::uint64_t first = newest_weight(live);
  world.pass(limits::talk_rests_ms - 1);
  live.hub_step(hub_input::Timer{});
  township.edit_x(live, "13907458002");
  const std::uint64_t second = newest_weight(live);
  CHECK(second < first * 3 / 4);
  world.pass(limits::talk_rests_ms);
  live.hub_step(hub_input::Timer{});
  township.edit_x(live, "13907458003");
  CHECK(newest_weight(live) > second);
  township.edit_x(live, "13907458004");
  CHECK(newest_weight(live) <= second + 2);
  CHECK(world.shown(officer, "household", wang, "phone") == Value::text("13907458004"));
  CHECK_FALSE(live.device_closed);
}
