// Own rows that a hub does not send back because they stand as they were sent (SEMANTICS A6).
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId li = numbered(2);

/// What the hub said of rows on this connection.
struct Said {
  std::size_t rows = 0;  ///< whole or in part
  std::uint64_t left_out = 0;
  std::size_t checkpoints = 0;
};

Said said_on(const TestLink& link) {
  Said said;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) said.rows += block.rows.size();
    said.left_out += changes->own_left_out.rows;
    said.checkpoints += changes->checkpoint ? 1U : 0U;
  }
  return said;
}

std::size_t pulls_on(const TestLink& link) {
  return static_cast<std::size_t>(
      std::count_if(link.said_by_device.begin(), link.said_by_device.end(),
                    [](const Message& one) { return std::holds_alternative<Pull>(one); }));
}

void visit(SyncWorld& world, Phone& phone, std::uint64_t number, const RowId& household) {
  world.insert(phone, "visit", numbered(number),
               {{"household_id", key_value(household)}, {"findings", Value::text("fever")}});
}

/// A family in X that both phones have.
void add_family(SyncWorld& world, Phone& author) {
  world.insert(author, "household", wang, {{"village_code", Value::text("X")}});
  settle(world);
}

}  // namespace

TEST_CASE("A6: a morning's visits stand as they were sent, and none of them comes back") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  add_family(world, a);
  for (std::uint64_t i = 10; i < 40; ++i) visit(world, a, i, wang);
  const TestLink link = sync(world, a);
  CHECK(link.up_to_date);
  CHECK(said_on(link).rows == 0);
  CHECK(said_on(link).left_out == 30);
  CHECK(a.store->overlay_rows() == 0);
  CHECK(world.difference(a) == "");
  const TestLink other = sync(world, b);
  CHECK(said_on(other).rows == 30);
  CHECK(said_on(other).left_out == 0);
  CHECK(world.difference(b) == "");
}

TEST_CASE("A6: own visits take no room in a message, so a long morning is one checkpoint") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  add_family(world, a);
  visit(world, b, 5, wang);
  sync(world, b);
  for (std::uint64_t i = 10; i < 40; ++i) visit(world, a, i, wang);
  LinkOptions small;
  small.rows_max = 4;
  const TestLink link = sync(world, a, small);
  CHECK(said_on(link).rows == 1);
  CHECK(said_on(link).left_out == 30);
  CHECK(said_on(link).checkpoints == 1);
  CHECK(world.difference(a) == "");
}

TEST_CASE("A6: where others have written more than one message holds, own visits come back too") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  add_family(world, a);
  for (std::uint64_t i = 10; i < 16; ++i) visit(world, b, i, wang);
  sync(world, b);
  for (std::uint64_t i = 20; i < 23; ++i) visit(world, a, i, wang);
  LinkOptions small;
  small.rows_max = 4;
  const TestLink link = sync(world, a, small);
  CHECK(said_on(link).rows == 9);
  CHECK(said_on(link).left_out == 0);
  CHECK(world.difference(a) == "");
}

TEST_CASE("A6: a family that another volunteer has written to since comes back whole") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
  world.insert(a, "household", li, {{"village_code", Value::text("X")}});
  world.push_directly(a);
  sync(world, b);
  world.edit(b, "household", wang, {{"phone", Value::text("7")}});
  sync(world, b);
  const TestLink link = sync(world, a);
  CHECK(said_on(link).left_out == 1);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("7"));
  CHECK(world.difference(a) == "");
}

TEST_CASE(
    "A6: a family that was corrected on the phone before it was sent is right on both sides") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
  world.edit(a, "household", wang, {{"phone", Value::text("7")}});
  world.insert(a, "household", li, {{"village_code", Value::text("X")}});
  world.remove(a, "household", li);
  CHECK(sync(world, a).up_to_date);
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("7"));
  CHECK_FALSE(world.shows(a, "household", li));
  CHECK(world.difference(a) == "");
}

TEST_CASE("A6: an own row that is edited while its confirmation is under way stays as edited") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  add_family(world, a);
  world.insert(a, "household", li, {{"village_code", Value::text("X")}});
  world.push_directly(a);
  world.edit(a, "household", li, {{"phone", Value::text("8")}});
  TestLink link(world, a);
  link.run();
  CHECK(link.up_to_date);
  CHECK(world.shown(a, "household", li, "phone") == Value::text("8"));
  CHECK(world.difference(a) == "");
}

TEST_CASE("A6: one visit among thirty lands where its family moved to: all are pulled once more") {
  SyncWorld world;
  Phone& office = world.add_phone("office", {"T"});
  Phone& a = world.add_phone("A", {"X"});
  world.insert(office, "household", wang, {{"village_code", Value::text("X")}});
  world.insert(office, "household", li, {{"village_code", Value::text("X")}});
  settle(world);
  world.edit(office, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, office);
  visit(world, a, 10, wang);
  for (std::uint64_t i = 11; i < 40; ++i) visit(world, a, i, li);
  const TestLink link = sync(world, a);
  CHECK(link.up_to_date);
  CHECK(pulls_on(link) == 2);
  CHECK(said_on(link).rows == 29);
  CHECK(link.applied.size() == 1);
  CHECK(link.applied.at(0).healed.empty());
  CHECK_FALSE(world.shows(a, "visit", numbered(10)));
  CHECK(world.shows(a, "visit", numbered(39)));
  CHECK(world.difference(a) == "");
  sync(world, office);
  CHECK(world.shows(office, "visit", numbered(10)));
}

TEST_CASE("A6: live, commits that come while own rows are pulled once more are not lost") {
  SyncWorld world;
  Phone& office = world.add_phone("office", {"T"});
  Phone& a = world.add_phone("A", {"X"});
  world.insert(office, "household", wang, {{"village_code", Value::text("X")}});
  world.insert(office, "household", li, {{"village_code", Value::text("X")}});
  settle(world);
  LinkOptions live;
  live.live = true;
  TestLink link(world, a, live);
  link.run();
  world.edit(office, "household", wang, {{"village_code", Value::text("Y")}});
  world.push_directly(office);
  visit(world, a, 10, wang);
  visit(world, a, 11, li);
  link.local_commit();
  link.run();
  world.edit(office, "household", li, {{"phone", Value::text("9")}});
  world.push_directly(office);
  link.committed();
  visit(world, a, 12, li);
  link.local_commit();
  link.run();
  CHECK_FALSE(link.device_error);
  CHECK_FALSE(world.shows(a, "visit", numbered(10)));
  CHECK(world.shown(a, "household", li, "phone") == Value::text("9"));
  CHECK(world.difference(a) == "");
}

namespace {

struct OnTheWay {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

/// Fifty households that she wrote before get a line of letters each, that no compression finds.
OnTheWay an_evenings_corrections(SyncWorld& world, Phone& author) {
  for (std::uint64_t i = 10; i < 60; ++i) {
    world.insert(author, "household", numbered(i), {{"village_code", Value::text("X")}});
  }
  settle(world);
  for (std::uint64_t i = 10; i < 60; ++i) {
    std::string directions;
    for (int letter = 0; letter < 60; ++letter) {
      directions += static_cast<char>('a' + world.random.below(26));
    }
    world.edit(author, "household", numbered(i), {{"phone", Value::text(directions)}});
  }
  const TestLink link = sync(world, author);
  CHECK(link.up_to_date);
  CHECK(said_on(link).rows == 50);
  OnTheWay bytes;
  for (const auto& [message, weight] : link.carried) {
    if (std::holds_alternative<Push>(message)) bytes.up += weight;
    if (std::holds_alternative<Changes>(message)) bytes.down += weight;
  }
  return bytes;
}

}  // namespace

TEST_CASE(
    "A6: an evening's corrections come back to their author, who hardly hears what she said") {
  SyncWorld world(7);
  Phone& a = world.add_phone("A", {"X"});
  const OnTheWay bytes = an_evenings_corrections(world, a);
  CHECK(bytes.up > 2'000);
  CHECK(bytes.down < bytes.up / 3);
  CHECK(world.difference(a) == "");
  CHECK(world.heard_room->free() == heard_bytes_of_all_max);
}

TEST_CASE("A6: where others have taken the hub's room, corrections come back in more bytes") {
  SyncWorld world(7);
  Phone& a = world.add_phone("A", {"X"});
  const std::size_t left = world.heard_room->free() - 1'000;
  CHECK(world.heard_room->take(left) == left);
  const OnTheWay bytes = an_evenings_corrections(world, a);
  CHECK(bytes.up > 2'000);
  CHECK(bytes.down > bytes.up / 2);
  CHECK(world.difference(a) == "");
  CHECK(world.heard_room->free() == 1'000);
}
