// One family, registered twice by phones that did not see each other: stories of SEMANTICS D6, on
// both stores.
#include <doctest/doctest.h>

#include "tests/server/twins_fixture.hpp"

namespace doorstep::test {

TEST_CASE_TEMPLATE(
    "two phones register one family offline: the township sees one pair with reasons", Store,
    BOTH_STORES) {
  Twins<Store> story;
  REQUIRE(story.world.pairs().size() == 1);
  const Duplicate pair = story.world.open_pair();
  CHECK(pair.first == story.wang);
  CHECK(pair.second == story.twin);
  REQUIRE(pair.reasons.size() == 1);
  CHECK(pair.reasons[0] == MatchReason{"same_address", 84});
  CHECK(pair.score == 75);
  CHECK(pair.state == DuplicateState::open);
  story.check_equal();
}

TEST_CASE_TEMPLATE("accepted: one household, both visits, and both phones follow the redirect",
                   Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const auto done = world.accept(world.open_pair());
  REQUIRE(done.ok());
  CHECK(done->references == 1);
  CHECK(done->conflicts == 2);  // head_name and address
  story.check_equal();
  for (Phone* phone : {&story.a, &story.b}) {
    CHECK(world.shows(*phone, "household", story.wang));
    CHECK_FALSE(world.shows(*phone, "household", story.twin));
    CHECK(world.shown(*phone, "household", story.wang, "head_name") == Value::text("王建国"));
    CHECK(world.shown(*phone, "visit", story.visit_a, "household_id") == key_value(story.wang));
    CHECK(world.shown(*phone, "visit", story.visit_b, "household_id") == key_value(story.wang));
  }
  CHECK(
      world.losers("household", story.wang) ==
      std::vector<std::string>{"address: \"二组 １５号\" (auto)", "head_name: \"汪健国\" (auto)"});
  CHECK(world.pairs().empty());
  const auto all = world.pairs(false);
  REQUIRE(all.size() == 1);
  CHECK(all[0].state == DuplicateState::accepted);
  CHECK(all[0].survivor == story.wang);
  CHECK(all[0].decided_by == "李秀英");
  CHECK(world.hub_row("household", story.twin)->merged_into == story.wang);
  // Accepting again changes nothing.
  const Position head = world.head();
  CHECK_FALSE(world.accept(all[0])->changed);
  CHECK(world.head() == head);
}

TEST_CASE(
    "a merge that breaks a rule of the schema is refused whole, and can be done once it fits") {
  Twins<InSqlite> story;
  const auto give = [&](Phone& phone, const RowId& house, int boxes) {
    story.world.edit(phone, "household", house, {{"boxes", Value::integer(boxes)}});
  };
  give(story.a, story.wang, 600);
  give(story.b, story.twin, 600);
  settle(story.world);
  const auto refused = story.world.accept(story.world.open_pair(), story.wang);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::rule_broken);
  CHECK(refused.error().detail ==
        "table household, rule not_too_many: more boxes than one family can get");
  story.check_equal();
  CHECK(story.world.home_of("visit", story.visit_b) == story.twin);
  CHECK(story.world.open_pair().state == DuplicateState::open);

  give(story.b, story.twin, 400);
  settle(story.world);
  REQUIRE(story.world.accept(story.world.open_pair(), story.wang).ok());
  story.check_equal();
  CHECK(story.world.home_of("visit", story.visit_b) == story.wang);
}

TEST_CASE_TEMPLATE("rejected: both stay and are never proposed again, whatever is edited", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const Duplicate pair = world.open_pair();
  REQUIRE(world.reject(pair).ok());
  world.edit(story.b, "household", story.twin, {{"head_name", Value::text("王建国")}});
  story.check_equal();
  CHECK(world.pairs().empty());
  for (const char* address : {"三组2号", "二组15号"}) {  // away, and back to the likeness
    world.edit(story.b, "household", story.twin, {{"address", Value::text(address)}});
    story.check_equal();
    CHECK(world.pairs().empty());
  }
  CHECK(world.shows(story.a, "household", story.twin));
  CHECK(world.pairs(false).front().state == DuplicateState::rejected);
  CHECK(world.accept(pair)->pair.state ==
        DuplicateState::accepted);  // a person may change her mind
}

TEST_CASE_TEMPLATE("an edit that ends the likeness takes an open proposal back", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  world.edit(story.b, "household", story.twin, {{"address", Value::text("三组2号")}});
  settle(world);
  CHECK(world.pairs(false).empty());
  world.edit(story.b, "household", story.twin, {{"address", Value::text("二组15号")}});
  settle(world);
  CHECK(world.pairs().size() == 1);
  world.remove(story.b, "household", story.twin);
  settle(world);
  CHECK(world.pairs(false).empty());
}

TEST_CASE_TEMPLATE("un-merge restores both and splits references by who pointed where", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const StoredRow wang = *world.hub_row("household", story.wang);
  const StoredRow twin = *world.hub_row("household", story.twin);
  const Duplicate pair = world.open_pair();
  REQUIRE(world.accept(pair).ok());
  settle(world);
  const RowId after = world.visit(story.a, 13, story.wang, "新的走访");  // meant for the survivor
  settle(world);
  REQUIRE(world.unmerge(pair).ok());
  story.check_equal();
  CHECK(world.hub_row("household", story.wang)->image == wang.image);
  CHECK(world.hub_row("household", story.twin)->image == twin.image);
  CHECK(world.home_of("visit", story.visit_a) == story.wang);
  CHECK(world.home_of("visit", story.visit_b) == story.twin);
  CHECK(world.home_of("visit", after) == story.wang);
  CHECK(world.losers("household", story.wang).empty());
  CHECK(world.pairs().empty());
  CHECK(world.pairs(false).front().state == DuplicateState::unmerged);
  CHECK(world.unmerge(pair).error().code == ErrorCode::duplicate_state);
}

TEST_CASE_TEMPLATE(
    "weeks offline: late edits of the merged id land on the survivor, late "
    "references too, and the author gets the changed reference back",
    Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const Duplicate pair = world.open_pair();
  world.edit(story.b, "household", story.twin, {{"phone", Value::text("13873102245")}});
  const RowId late = world.visit(story.b, 14, story.twin, "迟到的走访");
  REQUIRE(world.accept(pair).ok());
  world.pass(std::int64_t{21} * 24 * 3'600'000);
  story.check_equal();
  CHECK(world.shown(story.a, "household", story.wang, "phone") == Value::text("13873102245"));
  CHECK(world.shown(story.b, "visit", late, "household_id") == key_value(story.wang));
  CHECK(world.home_of("visit", late) == story.wang);
  CHECK_FALSE(world.shows(story.b, "household", story.twin));

  // And back: what was addressed to the merged id goes to the row that it was meant for.
  REQUIRE(world.unmerge(pair).ok());
  story.check_equal();
  CHECK(world.shown(story.a, "household", story.twin, "phone") == Value::text("13873102245"));
  CHECK(world.shown(story.a, "household", story.wang, "phone").is_null());
  CHECK(world.home_of("visit", late) == story.twin);
}

TEST_CASE_TEMPLATE("a late delete of the merged id is overruled and waits for a person", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  const RowId child = world.resident(story.b, 21, story.twin, "王小明");
  settle(world);
  // The volunteer takes her own entry out again, with her resident, while the township merges.
  world.write(story.b,
              {{"household", story.twin, std::nullopt}, {"resident", child, std::nullopt}});
  REQUIRE(world.accept(world.open_pair()).ok());
  story.check_equal();
  CHECK(world.shows(story.b, "household", story.wang));
  CHECK(world.home_of("resident", child) == story.wang);
  CHECK(world.losers("household", story.wang).front() == ": NULL (open)");
}

TEST_CASE_TEMPLATE("values that differ are recorded, and what can stand together does", Store,
                   BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  world.edit(story.a, "household", story.wang,
             {{"note", Value::text("狗凶")},
              {"boxes", Value::integer(2)},
              {"tags", Value::text(R"(["empty_nest"])")},
              {"last_visited", Value::text("2024-05-01")}});
  world.pass(60'000);
  world.edit(story.b, "household", story.twin,
             {{"note", Value::text("门朝南")},
              {"boxes", Value::integer(3)},
              {"tags", Value::text(R"(["hardship"])")},
              {"last_visited", Value::text("2024-06-01")},
              {"phone", Value::text("13873102245")}});
  settle(world);
  const StoredRow before = *world.hub_row("household", story.wang);
  const Duplicate pair = world.open_pair();
  REQUIRE(world.accept(pair).ok());
  story.check_equal();
  const auto shown = [&](const char* column) {
    return world.shown(story.b, "household", story.wang, column);
  };
  CHECK(shown("boxes") == Value::integer(5));
  CHECK(shown("tags") == Value::text(R"(["empty_nest","hardship"])"));
  CHECK(shown("last_visited") == Value::text("2024-06-01"));
  CHECK(shown("phone") == Value::text("13873102245"));
  CHECK(shown("note").as_text().find("狗凶") != std::string_view::npos);
  CHECK(shown("note").as_text().find("门朝南") != std::string_view::npos);

  world.edit(story.a, "household", story.wang, {{"boxes", Value::integer(6)}});
  settle(world);
  REQUIRE(world.unmerge(pair).ok());
  story.check_equal();
  CHECK(world.shown(story.b, "household", story.twin, "boxes") == Value::integer(3));
  CHECK(shown("boxes") == Value::integer(3));  // two of its own and the one counted since
  CHECK(shown("tags") == Value::text(R"(["empty_nest"])"));
  CHECK(shown("note") == Value::text("狗凶"));
  CHECK(shown("phone").is_null());
  CHECK(shown("last_visited") == Value::text("2024-05-01"));
}

TEST_CASE_TEMPLATE("three of one family: aliases of aliases resolve, and are taken apart in turn",
                   Store, BOTH_STORES) {
  Twins<Store> story;
  auto& world = story.world;
  Phone& c = world.add_phone("李秀英", {"X"});
  const RowId third = world.household(c, 3, "王健国", "二组15号");
  settle(world);
  REQUIRE(world.pairs().size() == 3);
  const auto pair_of = [&](const RowId& one, const RowId& other) {
    for (const Duplicate& pair : world.pairs(false)) {
      if (pair.id == duplicate_id_of("household", one, other)) return pair;
    }
    return Duplicate{};
  };
  const RowId late = world.visit(c, 31, story.wang, "还不知道");
  REQUIRE(world.accept(pair_of(story.wang, story.twin), story.twin).ok());
  REQUIRE(world.accept(pair_of(story.twin, third), third).ok());
  settle(world);
  CHECK(world.home_of("visit", late) == third);
  CHECK(world.home_of("visit", story.visit_a) == third);
  CHECK(world.stray_reference() == "");
  CHECK(pair_of(story.wang, third).id.is_none());  // both ends are one row by now

  CHECK(world.unmerge(pair_of(story.wang, story.twin)).error().code == ErrorCode::duplicate_state);
  REQUIRE(world.unmerge(pair_of(story.twin, third)).ok());
  settle(world);
  CHECK(world.home_of("visit", late) == story.twin);
  CHECK(world.home_of("visit", story.visit_b) == story.twin);
  REQUIRE(world.unmerge(pair_of(story.wang, story.twin)).ok());
  settle(world);
  CHECK(world.home_of("visit", late) == story.wang);
  CHECK(world.home_of("visit", story.visit_a) == story.wang);
  CHECK(world.difference(c) == "");
  story.check_equal();
}

TEST_CASE_TEMPLATE("twins in two villages: what hung on the one moves to the other's village",
                   Store, BOTH_STORES) {
  Store store;
  TwinWorld world(1, store.maker());
  Phone& x = world.add_phone("陈大山", {"X"});
  Phone& y = world.add_phone("王丽", {"Y"});
  const RowId wang = world.household(x, 1, "王建国", "二组15号", "X");
  const RowId twin = world.household(y, 2, "王建国", "二组15号", "Y");
  const RowId son = world.resident(y, 21, twin, "王小明");
  settle(world);
  REQUIRE(world.accept(world.open_pair(), wang).ok());
  settle(world);
  CHECK(world.shown(x, "resident", son, "household_id") == key_value(wang));
  CHECK_FALSE(world.shows(y, "resident", son));
  CHECK_FALSE(world.shows(y, "household", twin));
  CHECK(world.difference(x) == "");
  CHECK(world.difference(y) == "");
  REQUIRE(world.unmerge(world.pairs(false).front()).ok());
  settle(world);
  CHECK(world.shown(y, "resident", son, "household_id") == key_value(twin));
  CHECK_FALSE(world.shows(x, "resident", son));
  CHECK(world.difference(x) == "");
  CHECK(world.difference(y) == "");
}

}  // namespace doorstep::test
