// SEMANTICS A4: scopes that a device gains and loses, columns that it gains.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

struct TwoVillages {
  SyncWorld world;
  Phone& li = world.add_phone("Li Mei", {"X"});
  Phone& wang = world.add_phone("Wang Fang", {"Y"});
  RowId zhang = numbered(1);
  RowId chen = numbered(2);

  TwoVillages() {
    world.insert(li, "household", zhang, {{"village_code", text("X")}, {"phone", text("100")}});
    world.insert(li, "resident", numbered(11),
                 {{"household_id", key_value(zhang)}, {"name", text("Zhang San")}});
    world.insert(wang, "household", chen, {{"village_code", text("Y")}, {"phone", text("200")}});
    world.insert(wang, "resident", numbered(12),
                 {{"household_id", key_value(chen)}, {"name", text("Chen Jie")}});
    settle(world);
  }
};

std::vector<Pull> pulls_of(const TestLink& link) {
  std::vector<Pull> pulls;
  for (const Message& said : link.said_by_device) {
    if (const auto* pull = std::get_if<Pull>(&said)) pulls.push_back(*pull);
  }
  return pulls;
}

}  // namespace

TEST_CASE(
    "A4: a volunteer is given a second village: its older rows come, and nothing else again") {
  TwoVillages village;
  SyncWorld& world = village.world;
  world.grant(village.li, {{"X"}, {"Y"}});
  const TestLink link = sync(world, village.li);
  CHECK(link.up_to_date);
  CHECK(world.difference(village.li) == "");
  CHECK(world.shown(village.li, "resident", numbered(12), "name") == text("Chen Jie"));
  const auto pulls = pulls_of(link);
  REQUIRE(pulls.size() == 2);  // the first named the old scopes: passed over
  CHECK(pulls[1].new_scopes == std::vector<ScopeId>{{"Y"}});
  std::size_t rows = 0;
  for (const Message& said : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&said);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) rows += block.rows.size();
  }
  CHECK(rows == 3);  // the unit Y, the household, the resident
}

TEST_CASE("A4: a volunteer moves from X to Y: X leaves the phone, Y arrives, in one transaction") {
  TwoVillages village;
  SyncWorld& world = village.world;
  world.grant(village.li, {{"Y"}});
  const TestLink link = sync(world, village.li);
  REQUIRE(link.applied.size() == 1);
  CHECK(link.up_to_date);
  CHECK(world.difference(village.li) == "");
  CHECK_FALSE(world.shows(village.li, "household", village.zhang));
  CHECK_FALSE(world.shows(village.li, "resident", numbered(11)));
  CHECK(world.shown(village.li, "household", village.chen, "phone") == text("200"));
}

TEST_CASE("A4: a gained village is staged over cut links, and joins only when it is whole") {
  TwoVillages village;
  SyncWorld& world = village.world;
  for (std::uint64_t n = 0; n < 30; ++n) {
    world.insert(village.wang, "household", numbered(100 + n), {{"village_code", text("Y")}});
  }
  settle(world);
  world.grant(village.li, {{"X"}, {"Y"}});
  LinkOptions cut;
  cut.rows_max = 4;
  cut.cut_after = 6;
  std::size_t links = 0;
  for (bool done = false; !done && links < 40; ++links) {
    CHECK(village.li.store->digest({"Y"}) == Digest{});  // nothing of it before all of it
    if (links == 3) world.edit(village.wang, "household", village.chen, {{"phone", text("300")}});
    if (links == 3) sync(world, village.wang);
    done = sync(world, village.li, cut).up_to_date;
  }
  CHECK(links > 3);
  CHECK(links < 40);
  CHECK(world.difference(village.li) == "");
  CHECK(world.shown(village.li, "household", village.chen, "phone") == text("300"));
}

TEST_CASE("A4: a family that moves from a held village to the one just granted is never lost") {
  TwoVillages village;
  SyncWorld& world = village.world;
  Phone& township = world.add_phone("Secretary Liu", {"T"});
  sync(world, township);
  world.edit(township, "household", village.zhang, {{"village_code", text("Y")}});
  sync(world, township);
  world.grant(village.li, {{"X"}, {"Y"}});
  SUBCASE("alive") {
    CHECK(sync(world, village.li).up_to_date);
    CHECK(world.shown(village.li, "household", village.zhang, "village_code") == text("Y"));
  }
  SUBCASE("and deleted there") {
    world.remove(township, "resident", numbered(11));
    sync(world, township);
    CHECK(sync(world, village.li).up_to_date);
    CHECK_FALSE(world.shows(village.li, "resident", numbered(11)));
  }
  CHECK(world.difference(village.li) == "");
}

TEST_CASE("A4: a village gained and lost again before the phone called changes nothing there") {
  TwoVillages village;
  SyncWorld& world = village.world;
  world.grant(village.li, {{"X"}, {"Y"}});
  world.grant(village.li, {{"X"}});
  const TestLink link = sync(world, village.li);
  CHECK(pulls_of(link).size() == 1);
  CHECK(link.up_to_date);
  CHECK(world.difference(village.li) == "");
}

TEST_CASE("A4: what was staged for other scopes is dropped when the grants change meanwhile") {
  TwoVillages village;
  SyncWorld& world = village.world;
  for (std::uint64_t n = 0; n < 12; ++n) {
    world.insert(village.wang, "household", numbered(100 + n), {{"village_code", text("Y")}});
  }
  settle(world);
  world.grant(village.li, {{"X"}, {"Y"}});
  LinkOptions cut;
  cut.rows_max = 3;
  cut.cut_after = 9;
  sync(world, village.li, cut);
  REQUIRE(village.li.store->state().value().staged);
  world.grant(village.li, {{"X"}});
  CHECK(sync(world, village.li).up_to_date);
  CHECK(world.difference(village.li) == "");
  CHECK_FALSE(world.shows(village.li, "household", village.chen));
}

TEST_CASE(
    "columns that a phone gains are filled for the rows that it has, and only those columns") {
  TwoVillages village;
  SyncWorld& world = village.world;
  village.li.store->gain({{"household", "phone"}});
  const TestLink link = sync(world, village.li);
  CHECK(link.up_to_date);
  CHECK(pulls_of(link).size() == 1);
  CHECK(pulls_of(link)[0].new_columns == std::vector<NewColumn>{{"household", "phone"}});
  std::vector<std::string> columns;
  for (const Message& said : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&said);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) {
      CHECK(block.table == "household");
      columns.insert(columns.end(), block.columns.begin(), block.columns.end());
    }
  }
  CHECK(columns == std::vector<std::string>{"phone"});
  CHECK(pulls_of(sync(world, village.li))[0].new_columns.empty());
}

TEST_CASE("what a township publishes comes to all below it, and to a village that joins it") {
  TwoVillages village;
  SyncWorld& world = village.world;
  Phone& qiaojiang = world.add_phone("Secretary Liu", {"T"});
  Phone& county = world.add_phone("County office", {"C"});
  sync(world, qiaojiang);
  world.insert(county, "org_unit", code("C"), {{"name", text("county")}});
  world.insert(county, "org_unit", code("U"),
               {{"name", text("other township")}, {"parent", text("C")}});
  world.edit(qiaojiang, "org_unit", code("T"), {{"parent", text("C")}});
  settle(world);
  world.insert(qiaojiang, "supply", numbered(51), {{"village_code", text("T")}});
  world.insert(county, "supply", numbered(52), {{"village_code", text("U")}});
  world.insert(county, "supply", numbered(53), {{"village_code", text("C")}});
  settle(world);
  CHECK(world.shows(village.li, "supply", numbered(51)));
  CHECK_FALSE(world.shows(village.li, "supply", numbered(52)));
  CHECK(world.shows(village.wang, "supply", numbered(53)));

  world.edit(county, "org_unit", code("Y"), {{"parent", text("U")}});
  settle(world);
  CHECK_FALSE(world.shows(village.wang, "supply", numbered(51)));
  CHECK(world.shows(village.wang, "supply", numbered(52)));
  CHECK(world.shows(village.wang, "supply", numbered(53)));
  CHECK_FALSE(world.shows(qiaojiang, "household", village.chen));
  for (const auto& phone : world.phones) CHECK(world.difference(*phone) == "");
}
