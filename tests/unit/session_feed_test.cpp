// What a pull must not lose: rows that move between its batches, deaths and revivals, departures,
// outcomes that a checkpoint would overtake, and links cut anywhere (SEMANTICS A2 to A6, C1, C2).
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);

void add_household(SyncWorld& world, Phone& phone, const RowId& id, std::string_view village) {
  world.insert(phone, "household", id, {{"village_code", Value::text(village)}});
}

/// Forty households of village X, each from a hub commit of its own.
void add_forty(SyncWorld& world, Phone& author) {
  for (std::uint64_t i = 1; i <= 40; ++i) {
    add_household(world, author, numbered(i), "X");
    world.push_directly(author);
  }
  sync(world, author);
}

LinkOptions batches_of(std::size_t rows) {
  LinkOptions options;
  options.rows_max = rows;
  return options;
}

}  // namespace

TEST_CASE("a row that moves up the feed between two batches of a pull is not lost") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  add_forty(world, a);
  TestLink link(world, b, batches_of(20));
  while (!std::holds_alternative<Changes>(link.said_by_hub.back())) {
    REQUIRE((link.deliver_up() || link.work() || link.deliver_down()));
  }
  world.edit(a, "household", numbered(30), {{"phone", Value::text("7")}});
  world.edit(a, "household", numbered(3), {{"phone", Value::text("8")}});
  world.remove(a, "household", numbered(4));
  world.push_directly(a);
  link.run();
  CHECK(link.up_to_date);
  CHECK(world.difference(b) == "");
  CHECK(world.shown(b, "household", numbered(30), "phone") == Value::text("7"));
  CHECK(world.shown(b, "household", numbered(3), "phone") == Value::text("8"));
  CHECK_FALSE(world.shows(b, "household", numbered(4)));
  CHECK(b.store->rows().size() == 41);  // 39 households, the township and the village
}

TEST_CASE("a batch may end in the middle of a hub commit") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  std::vector<SyncWorld::Write> rows;
  for (std::uint64_t i = 1; i <= 25; ++i) {
    rows.push_back({"household", numbered(i),
                    image_of(world.schema, "household", {{"village_code", Value::text("X")}})});
  }
  world.write(a, rows);
  sync(world, a);
  const TestLink link = sync(world, b, batches_of(4));
  CHECK(link.up_to_date);
  CHECK(world.difference(b) == "");
  for (const SyncProgress& seen : link.progress) CHECK(seen.pulled <= seen.pull_total);
  CHECK(link.progress.back().pulled == 27);  // 25 households, the township and the village
}

TEST_CASE("a pull cut at any frame goes on where it was and ends equal") {
  for (std::size_t cut = 1; cut <= 16; ++cut) {
    CAPTURE(cut);
    SyncWorld world;
    Phone& a = world.add_phone("A", {"X"});
    Phone& b = world.add_phone("B", {"X"});
    add_forty(world, a);
    LinkOptions options = batches_of(8);
    options.cut_after = cut;
    sync(world, b, options);
    const bool was_staged = b.store->state().value().staged.has_value();
    world.edit(a, "household", numbered(5), {{"phone", Value::text("5")}});
    sync(world, a);
    const TestLink again = sync(world, b, batches_of(8));
    CHECK(again.up_to_date);
    CHECK(world.difference(b) == "");
    if (was_staged) CHECK(again.progress.back().pulled <= 41);
  }
}

TEST_CASE("a push cut at any frame loses nothing and doubles nothing") {
  for (std::size_t cut = 1; cut <= 10; ++cut) {
    CAPTURE(cut);
    SyncWorld world;
    Phone& a = world.add_phone("A", {"X"});
    add_household(world, a, wang, "X");
    for (int i = 1; i <= 3; ++i)
      world.edit(a, "household", wang, {{"boxes", Value::integer(i * 10)}});
    LinkOptions options;
    options.cut_after = cut;
    sync(world, a, options);
    CHECK(world.shown(a, "household", wang, "boxes") == Value::integer(30));
    world.edit(a, "household", wang, {{"boxes", Value::integer(35)}});
    const TestLink again = sync(world, a);
    CHECK(again.up_to_date);
    CHECK(world.difference(a) == "");
    CHECK(world.hub_row("household", wang)->image.values[5] == Value::integer(35));
  }
}

namespace {

/// Twelve changes that fill about five pushes.
void write_much(SyncWorld& world, Phone& phone) {
  for (char letter = 'a'; letter < 'm'; ++letter) {
    world.edit(phone, "household", wang, {{"address", Value::text(std::string(100'000, letter))}});
  }
}

std::size_t bytes_pushed(const TestLink& link) {
  std::size_t bytes = 0;
  for (const Message& message : link.said_by_device) {
    if (const auto* push = std::get_if<Push>(&message)) {
      for (const Bytes& body : push->bodies) bytes += body.size();
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("the acks of a long upload were lost: at most one batch is sent again") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  add_household(world, a, wang, "X");
  sync(world, a);
  write_much(world, a);
  SUBCASE("the hub has all of it") {
    TestLink link(world, a);
    const auto take_all = [&] {
      while (link.deliver_up() || link.work()) continue;
    };
    take_all();
    link.deliver_down();  // the challenge: nothing can be at the hub, so all of it is pushed
    take_all();
    link.cut();
    CHECK(bytes_pushed(link) > 12 * 100'000);
    // Its process was killed: what it noted before it began is all that it knows.
    const TestLink again = sync(world, a);
    CHECK(again.up_to_date);
    CHECK(bytes_pushed(again) == 0);
    REQUIRE_FALSE(again.acks.empty());
    CHECK(again.acks.back().through == a.store->state()->last);
  }
  SUBCASE("the hub has nothing of it") {
    const TestLink first = sync(world, a);
    CHECK(first.up_to_date);
    CHECK(bytes_pushed(first) > 12 * 100'000);
    CHECK(bytes_pushed(first) < 13 * 100'000);
  }
  CHECK(world.difference(a) == "");
  CHECK(world.hub_row("household", wang)->image.values[1] ==
        Value::text(std::string(100'000, 'l')));
}

TEST_CASE("an ack without a checkpoint leaves the user's work on the screen") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  add_household(world, a, wang, "X");
  sync(world, a);
  world.edit(a, "household", wang, {{"boxes", Value::integer(100)}});
  world.push_directly(a);
  CHECK(world.shown(a, "household", wang, "boxes") == Value::integer(100));
  CHECK(a.store->overlay_rows() == 1);
  sync(world, a);
  CHECK(world.shown(a, "household", wang, "boxes") == Value::integer(100));
  CHECK(world.difference(a) == "");
}

TEST_CASE(
    "a delete overruled by an unseen edit: a phone that had taken the delete gets the whole row") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  Phone& c = world.add_phone("C", {"X"});
  world.insert(a, "household", wang,
               {{"village_code", Value::text("X")}, {"address", Value::text("lane 1")}});
  settle(world);
  world.edit(a, "household", wang, {{"phone", Value::text("200")}});
  world.remove(b, "household", wang);
  sync(world, b);
  sync(world, c);
  CHECK_FALSE(world.shows(c, "household", wang));
  sync(world, a);
  sync(world, c);
  CHECK(world.shown(c, "household", wang, "address") == Value::text("lane 1"));
  CHECK(world.shown(c, "household", wang, "phone") == Value::text("200"));
  settle(world);
  for (const auto& phone : world.phones) CHECK(world.difference(*phone) == "");
}

TEST_CASE("a resident dies, then the household moves: the old village lets go of both") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"T"});
  Phone& x = world.add_phone("X only", {"X"});
  Phone& y = world.add_phone("Y only", {"Y"});
  const RowId dead = numbered(10);
  const RowId alive = numbered(11);
  add_household(world, a, wang, "X");
  for (const RowId& id : {dead, alive}) {
    world.insert(a, "resident", id,
                 {{"household_id", key_value(wang)}, {"name", Value::text("Wang")}});
  }
  settle(world);
  REQUIRE(world.shows(x, "resident", dead));
  world.remove(a, "resident", dead);
  sync(world, a);
  world.edit(a, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, a);
  sync(world, x);
  sync(world, y);
  CHECK_FALSE(world.shows(x, "resident", dead));
  CHECK_FALSE(world.shows(x, "resident", alive));
  CHECK_FALSE(world.shows(x, "household", wang));
  CHECK(world.shown(y, "resident", alive, "name") == Value::text("Wang"));
  settle(world);
  for (const auto& phone : world.phones) CHECK(world.difference(*phone) == "");
}

TEST_CASE("outcomes come before a checkpoint that overtakes the push again") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  add_household(world, a, wang, "X");
  settle(world);
  world.edit(b, "household", wang, {{"phone", Value::text("1")}});
  world.pass(1000);
  world.edit(a, "household", wang, {{"phone", Value::text("2")}});
  sync(world, a);
  TestLink lost(world, b);
  while (lost.deliver_up() || lost.work(TestLink::Kind::merge) || lost.deliver_down() ||
         lost.work()) {
    if (std::holds_alternative<Ack>(lost.said_by_hub.back())) break;
  }
  lost.cut();
  REQUIRE(b.store->state().value().pending == 1);
  TestLink again(world, b);
  while (again.deliver_up() || again.deliver_down() || again.work(TestLink::Kind::read)) {
  }
  CHECK(again.up_to_date);
  REQUIRE(again.acks.size() == 1);
  REQUIRE(again.acks[0].items.size() == 1);
  CHECK(again.acks[0].items[0].outcome.kind == Outcome::Kind::merged);
  CHECK(b.store->outcomes().size() == 1);
  CHECK(world.difference(b) == "");
}

TEST_CASE("a phone's own rows are the hub's for it once a checkpoint includes them") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  add_household(world, a, wang, "X");
  CHECK_FALSE(a.store->base({table_id(world.schema, "household"), wang}));
  sync(world, a);
  CHECK(a.store->base({table_id(world.schema, "household"), wang}));
  CHECK(a.store->overlay_rows() == 0);
}
