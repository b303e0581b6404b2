// Stories of collection and of phones that come back after it (SEMANTICS D4, E3).
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3'600'000;

const RowId wang = numbered(1);
const RowId chen = numbered(2);
const RowId grandmother = numbered(10);

/// A and B in village X: the Wang and Chen households, grandmother Wang, forty other households.
struct Village {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  Village() {
    household(a, wang, "100");
    household(a, chen, "200");
    for (std::uint64_t i = 0; i < 40; ++i) household(a, numbered(100 + i), "300");
    world.insert(a, "resident", grandmother,
                 {{"household_id", key_value(wang)}, {"name", Value::text("王奶奶")}});
    settle(world);
    settle(world);
  }
  void household(Phone& phone, const RowId& id, std::string_view number) {
    world.insert(phone, "household", id,
                 {{"village_code", Value::text("X")}, {"phone", Value::text(number)}});
  }
  [[nodiscard]] Position floor() {
    const std::vector<ScopeId> scopes{{"X"}};
    return world.hub->snapshot().value()->floor(scopes).value();
  }
  [[nodiscard]] bool is_collected(const std::string& table, const RowId& id) {
    const auto row = world.hub_row(table, id);
    return row && row->collected;
  }
};

std::size_t count_reconciles(const TestLink& link) {
  std::size_t count = 0;
  for (const Applied& applied : link.applied) count += applied.reconciled ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("a deleted resident's values go once both phones have heard of it, her id stays") {
  Village village;
  auto& [world, a, b] = village;
  world.remove(a, "resident", grandmother);
  sync(world, a);
  CHECK(world.collect().total.count() == 0);  // B has not heard of it
  settle(world);
  settle(world);  // a phone says at its next call what it has
  const CollectReport report = world.collect();
  CHECK(report.total.tombstones == 1);
  REQUIRE(report.scopes.size() == 1);
  CHECK(report.scopes[0].scope.code == "X");
  CHECK(report.scopes[0].devices == 2);
  CHECK(village.is_collected("resident", grandmother));
  CHECK(world.hub_row("resident", grandmother)->image.values ==
        std::vector<Value>(world.schema.table(table_id(world.schema, "resident")).columns.size()));
  CHECK(village.floor() > Position{});
  CHECK(world.collect().total.count() == 0);
  settle(world);
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
}

TEST_CASE(
    "a revoked phone in a drawer does not hold collection back, a silent one only to the "
    "horizon") {
  Village village;
  auto& [world, a, b] = village;
  world.remove(a, "resident", grandmother);
  sync(world, a);
  sync(world, a);
  CHECK(world.collect().total.count() == 0);
  SUBCASE("revoked") {
    auto commit = world.hub->begin().value();
    auto record = commit->device(b.store->state().value().device).value();
    REQUIRE(record);
    record->revoked = world.now;
    REQUIRE(commit->put_device(*record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  SUBCASE("179 days are not enough, 181 are") {
    world.pass(179 * day_ms);
    CHECK(world.collect().total.count() == 0);
    world.pass(2 * day_ms);
  }
  CHECK(world.collect().total.tombstones == 1);
  CHECK(village.is_collected("resident", grandmother));
}

TEST_CASE("a phone that pulled, and was cut off before its own edit went up, is waited for") {
  Village village;
  auto& [world, a, b] = village;
  world.edit(b, "resident", grandmother, {{"name", Value::text("王老奶奶")}});
  world.remove(a, "resident", grandmother);
  sync(world, a);
  sync(world, a);
  // What B's next call says: it has all news, and one transaction from before them.
  Hello hello;
  hello.device = b.store->state().value().device;
  hello.cursor = world.head();
  hello.last = b.store->state().value().last;
  hello.pending = 1;
  world.note_contact(hello);
  CHECK(world.collect().total.count() == 0);
  sync(world, b);
  settle(world);
  CHECK(world.shown(a, "resident", grandmother, "name") == Value::text("王老奶奶"));
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
}

TEST_CASE("a phone after 200 days in a drawer with unsent visits and edits comes back") {
  Village village;
  auto& [world, a, b] = village;
  // B's work, unsent: a visit, an edit of what A deletes, and an edit of what stays.
  world.insert(b, "visit", numbered(50),
               {{"household_id", key_value(wang)}, {"findings", Value::text("all well")}});
  world.edit(b, "resident", grandmother, {{"name", Value::text("王老奶奶")}});
  world.edit(b, "household", chen, {{"phone", Value::text("222")}});
  world.remove(a, "resident", grandmother);
  world.remove(a, "household", numbered(101));
  world.edit(a, "household", numbered(102), {{"phone", Value::text("333")}});
  sync(world, a);
  sync(world, a);
  world.pass(200 * day_ms);
  CHECK(world.collect(1).commits == 2);
  const TestLink back = sync(world, b);
  CHECK_FALSE(back.device_error);
  CHECK(back.up_to_date);
  CHECK(count_reconciles(back) == 1);
  CHECK(world.difference(b) == "");
  CHECK_FALSE(world.shows(b, "resident", grandmother));
  CHECK_FALSE(world.shows(b, "household", numbered(101)));
  CHECK(world.shown(b, "household", numbered(102), "phone") == Value::text("333"));
  // What she had written is in, but for the edit of a row whose values are gone: kept for a person.
  CHECK(world.hub_row("visit", numbered(50))->live);
  CHECK(world.shown(b, "household", chen, "phone") == Value::text("222"));
  const auto kept = world.hub->snapshot().value()->quarantine({10}).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].reason.code == ErrorCode::row_unknown);
  REQUIRE(b.store->outcomes().size() == 1);
  CHECK(b.store->outcomes().begin()->second.kind == Outcome::Kind::quarantined);
  sync(world, a);
  CHECK(world.difference(a) == "");
  CHECK(village.is_collected("resident", grandmother));
}

TEST_CASE("what came back in the reconcile is named table by table") {
  Village village;
  auto& [world, a, b] = village;
  world.remove(a, "household", numbered(101));
  world.remove(a, "household", numbered(103));
  world.edit(a, "household", numbered(102), {{"phone", Value::text("333")}});
  village.household(a, numbered(200), "400");
  sync(world, a);
  sync(world, a);
  world.pass(200 * day_ms);
  world.collect();
  const TestLink back = sync(world, b);
  REQUIRE(back.applied.size() == 1);
  REQUIRE(back.applied[0].healed.size() == 1);
  const TableDifference& healed = back.applied[0].healed[0];
  using Kind = RowDifference::Kind;
  const std::vector<RowDifference> rows{{numbered(101), Kind::surplus},
                                        {numbered(102), Kind::changed, {"phone"}},
                                        {numbered(103), Kind::surplus},
                                        {numbered(200), Kind::missing}};
  CHECK(healed == TableDifference{"household", 1, 2, 1, rows});
}

TEST_CASE("the link is cut after any frame of a reconcile: the next one goes on or begins anew") {
  for (std::size_t cut = 1; cut < 40; ++cut) {
    CAPTURE(cut);
    Village village;
    auto& [world, a, b] = village;
    for (std::uint64_t i = 0; i < 20; ++i) world.remove(a, "household", numbered(100 + i));
    for (std::uint64_t i = 20; i < 40; ++i)
      world.edit(a, "household", numbered(100 + i), {{"phone", Value::text("changed")}});
    sync(world, a);
    sync(world, a);
    world.pass(200 * day_ms);
    world.collect();
    world.edit(b, "household", wang, {{"phone", Value::text("101")}});
    const TestLink first = sync(world, b, {.rows_max = 3, .cut_after = cut});
    // In between others go on, also with what is under way.
    world.edit(a, "household", numbered(130), {{"phone", Value::text("again")}});
    world.remove(a, "household", numbered(131));
    sync(world, a);
    const TestLink second = sync(world, b, {.rows_max = 3, .cut_after = std::nullopt});
    CHECK(second.up_to_date);
    CHECK(world.difference(b) == "");
    CHECK(world.shown(b, "household", wang, "phone") == Value::text("101"));
    if (!first.was_cut) break;
  }
}

TEST_CASE("a phone that was restored from an old backup of itself reconciles too") {
  Village village;
  auto& [world, a, b] = village;
  Phone& old = world.clone_phone(b);
  world.remove(a, "household", numbered(101));
  for (Phone* phone : {&a, &b, &a, &b}) sync(world, *phone);
  CHECK(world.collect().total.tombstones == 1);
  const TestLink back = sync(world, old);
  CHECK(back.up_to_date);
  CHECK(count_reconciles(back) == 1);
  CHECK(world.difference(old) == "");
}

TEST_CASE(
    "a deleted id does not return by an edit, a child or another delete, only by an insert "
    "that knew of its death") {
  Village village;
  auto& [world, a, b] = village;
  world.edit(b, "household", wang, {{"phone", Value::text("late")}});
  world.insert(b, "visit", numbered(50), {{"household_id", key_value(wang)}});
  world.remove(b, "household", wang);
  world.remove(a, "resident", grandmother);
  world.remove(a, "household", wang);
  sync(world, a);
  sync(world, a);
  world.pass(200 * day_ms);
  world.collect();
  REQUIRE(village.is_collected("household", wang));
  sync(world, b);
  CHECK(village.is_collected("household", wang));
  CHECK_FALSE(world.hub_row("visit", numbered(50)));
  // The edit is kept for a person; the visit and the delete depend on it.
  CHECK(world.hub->snapshot().value()->quarantine({10}).value().size() == 1);
  CHECK(b.store->outcomes().size() == 3);
  CHECK(world.difference(b) == "");
  village.household(b, wang, "new family");
  settle(world);
  CHECK(world.hub_row("household", wang)->live);
  CHECK_FALSE(world.hub_row("household", wang)->collected);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("new family"));
  CHECK(world.difference(a) == "");
  CHECK(world.difference(b) == "");
}

TEST_CASE("departures are collected too: the old village's phone lets the family go all the same") {
  Village village;
  auto& [world, a, b] = village;
  Phone& c = world.add_phone("C", {"Y"});
  sync(world, c);
  world.edit(a, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, a);
  sync(world, a);
  world.pass(200 * day_ms);
  CHECK(world.collect().total.departures >= 1);
  const TestLink back = sync(world, b);
  CHECK(count_reconciles(back) == 1);
  CHECK_FALSE(world.shows(b, "household", wang));
  CHECK_FALSE(world.shows(b, "resident", grandmother));
  sync(world, c);
  CHECK(world.shows(c, "household", wang));
  for (Phone* phone : {&a, &b, &c}) CHECK(world.difference(*phone) == "");
}

TEST_CASE("a tombstone with an open conflict waits for a person, however old") {
  Village village;
  auto& [world, a, b] = village;
  world.remove(a, "resident", grandmother);
  sync(world, a);
  Conflict open;
  open.id = ConflictId{};
  open.key = {table_id(world.schema, "resident"), grandmother};
  open.scope = {"X"};
  open.position = world.head().value == 0 ? Position{} : Position{world.head().value + 1};
  open.state = ConflictState::open;
  auto commit = world.hub->begin().value();
  const std::vector<Conflict> conflicts{open};
  REQUIRE(commit->put_conflicts(conflicts).ok());
  REQUIRE(commit->commit(world.now, world.new_token()).ok());
  world.pass(400 * day_ms);
  CHECK(world.collect().total.tombstones == 0);
  CHECK_FALSE(village.is_collected("resident", grandmother));
}

TEST_CASE("a first load that began before a collection and was cut starts again") {
  Village village;
  auto& [world, a, b] = village;
  Phone& c = world.add_phone("C", {"X"});
  const TestLink first = sync(world, c, {.rows_max = 5, .cut_after = 9});
  REQUIRE(first.was_cut);
  REQUIRE(c.store->state().value().staged);
  world.remove(a, "household", numbered(101));
  settle(world);  // C as well, but for that it is cut again
  Phone& d = world.add_phone("D", {"X"});
  const TestLink again = sync(world, d, {.rows_max = 5, .cut_after = 9});
  REQUIRE(again.was_cut);
  REQUIRE(d.store->state().value().staged);
  world.remove(a, "household", numbered(102));
  for (Phone* phone : {&a, &b, &c, &a, &b, &c}) sync(world, *phone);
  CHECK(world.collect().total.tombstones == 1);  // of before D was enrolled
  world.pass(200 * day_ms);
  CHECK(world.collect().total.tombstones == 1);
  const TestLink last = sync(world, d, {.rows_max = 5, .cut_after = std::nullopt});
  CHECK(last.up_to_date);
  CHECK(std::any_of(last.said_by_hub.begin(), last.said_by_hub.end(), [](const Message& message) {
    return std::holds_alternative<Restart>(message);
  }));
  CHECK(world.difference(d) == "");
}
