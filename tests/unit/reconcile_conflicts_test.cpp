// What a phone knows of conflicts after a collection that it slept through (SEMANTICS D4, D7).
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/grown_village.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3'600'000;

const RowId wang = numbered(1);
const RowId chen = numbered(2);

/// A and B work in village X; the phone of C lies in a drawer from some day on.
struct Drawer {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  Phone& c = world.add_phone("C", {"X"});

  Drawer() {
    for (const RowId& id : {wang, chen}) {
      world.insert(a, "household", id, {{"village_code", Value::text("X")}});
    }
    settle(world);
  }
  void both_sync() {
    for (int i = 0; i < 2; ++i) {
      for (Phone* phone : {&a, &b}) sync(world, *phone);
    }
  }
  /// A deletes the Wangs, whose number B has changed without her knowledge.
  void delete_meets_edit() {
    for (Phone* phone : {&a, &b}) sync(world, *phone);
    world.remove(a, "household", wang);
    world.edit(b, "household", wang, {{"phone", Value::text("200")}});
    both_sync();
    CHECK(world.shows(a, "household", wang));
  }
  /// Half a year later everything that only C has not heard of is collected.
  void collect_without_c() {
    world.pass(181 * day_ms);
    both_sync();
    CHECK(world.collect().total.count() > 0);
  }
};

std::string open_records(const Phone& phone) {
  std::string text;
  for (const auto& [id, record] : phone.store->conflicts()) {
    text += record.table + " by " + record.loser.version.author.hex().substr(0, 4) + " ";
    CHECK(record.state == ConflictState::open);
  }
  return text;
}

bool reconciled(const TestLink& link) {
  return std::any_of(link.applied.begin(), link.applied.end(),
                     [](const Applied& one) { return one.reconciled; });
}

}  // namespace

TEST_CASE("D4: a phone that slept through a collection is told of what waits for a person") {
  Drawer story;
  auto& [world, a, b, c] = story;
  story.delete_meets_edit();
  world.remove(a, "household", chen);
  story.both_sync();
  story.collect_without_c();
  CHECK(open_records(c).empty());
  CHECK(reconciled(sync(world, c)));
  CHECK(c.store->conflicts().size() == 1);
  CHECK(open_records(c) == open_records(a));
  CHECK(world.difference(c) == "");
}

TEST_CASE(
    "D4: a record that was withdrawn and collected is gone from the phone that slept, too, though "
    "no row was collected") {
  Drawer story;
  auto& [world, a, b, c] = story;
  story.delete_meets_edit();
  sync(world, c);
  const std::string first = open_records(c);
  CHECK(c.store->conflicts().size() == 1);
  // A deletes again, having seen all: the matter is settled; but B edits the Wangs unheard.
  sync(world, a);
  world.remove(a, "household", wang);
  world.edit(b, "household", wang, {{"phone", Value::text("300")}});
  sync(world, a);
  story.both_sync();
  REQUIRE(world.shows(b, "household", wang));
  story.collect_without_c();
  CHECK(reconciled(sync(world, c)));
  CHECK(c.store->conflicts().size() == 1);
  CHECK(open_records(c) == open_records(b));
  for (const auto& [id, record] : c.store->conflicts()) CHECK(b.store->conflicts().contains(id));
  CHECK(world.difference(c) == "");
}

TEST_CASE("D7: a conflict in a column that a phone's form lacks is not sent to it, others are") {
  const Schema newer = grown_village();
  const Schema older = small_village();
  const TableId resident = table_id(newer, "resident");
  FeedBatch batch;
  for (const char* name : {"mood", "phone"}) {
    Conflict conflict;
    conflict.id.bytes[0] = static_cast<std::uint8_t>(name[0]);
    conflict.key = {resident, numbered(1)};
    conflict.column = newer.table(resident).find_column(name);
    conflict.state = ConflictState::open;
    batch.conflicts.push_back(conflict);
  }
  const auto told = [&](const SchemaView& view) {
    std::vector<std::string> columns;
    for (const auto& one : changes_of(newer, view, batch, {}).conflicts) {
      columns.push_back(one.column);
    }
    return columns;
  };
  CHECK(told(SchemaView::of(newer, older)) == std::vector<std::string>{"phone"});
  CHECK(told(SchemaView::of(newer, newer)) == std::vector<std::string>{"mood", "phone"});
}
