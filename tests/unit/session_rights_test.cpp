// SEMANTICS D3: rights are judged at what was observed of the row.
#include <doctest/doctest.h>

#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

/// Li Mei works in X, Wang Fang in Y, Secretary Liu sees both. The Zhangs live in X with one
/// resident.
struct Township {
  SyncWorld world;
  Phone& li = world.add_phone("Li Mei", {"X"});
  Phone& wang = world.add_phone("Wang Fang", {"Y"});
  Phone& liu = world.add_phone("Secretary Liu", {"T"});
  RowId zhang = numbered(1);
  RowId san = numbered(11);

  Township() {
    world.insert(li, "household", zhang, {{"village_code", text("X")}, {"phone", text("100")}});
    world.insert(li, "resident", san,
                 {{"household_id", key_value(zhang)}, {"name", text("Zhang San")}});
    settle(world);
  }
  void move_zhangs(const char* village) {
    sync(world, liu);
    world.edit(liu, "household", zhang, {{"village_code", text(village)}});
    sync(world, liu);
  }
  void visit(Phone& by, std::uint64_t id, const char* findings) {
    world.insert(by, "visit", numbered(id),
                 {{"household_id", key_value(zhang)}, {"findings", text(findings)}});
  }
  [[nodiscard]] std::string scope_of(const char* table, const RowId& row) {
    const auto found = world.hub_row(table, row);
    return found && found->live ? found->scope.code : "";
  }
  void check_all_equal() {
    settle(world);
    for (const auto& phone : world.phones) CHECK(world.difference(*phone) == "");
  }
};

/// Why the hub did not take a transaction; empty when it did.
std::string reason_of(const Phone& phone, Sequence sequence) {
  const auto found = phone.store->outcomes().find(sequence);
  if (found == phone.store->outcomes().end() || !found->second.reason) return "";
  return std::string(name_of(found->second.reason->code));
}

}  // namespace

TEST_CASE("D3: a visit to a family that moved away yesterday is taken, and what corrects it too") {
  Township town;
  SyncWorld& world = town.world;
  town.move_zhangs("Y");
  town.visit(town.li, 21, "blood pressure 150");
  world.push_directly(town.li);  // taken, but her phone has not heard of the move yet
  CHECK(town.scope_of("visit", numbered(21)) == "Y");
  town.visit(town.li, 22, "corrects: 140");
  world.edit(town.li, "resident", town.san, {{"phone", text("139")}});
  world.push_directly(town.li);
  CHECK(town.li.store->outcomes().empty());
  CHECK(town.scope_of("visit", numbered(22)) == "Y");
  town.check_all_equal();
  CHECK_FALSE(world.shows(town.li, "household", town.zhang));
  CHECK(world.shown(town.wang, "visit", numbered(22), "findings") == text("corrects: 140"));
  CHECK(world.shown(town.wang, "resident", town.san, "phone") == text("139"));
}

TEST_CASE("D3: a row made under a family that had moved is judged by where the family was") {
  Township town;
  SyncWorld& world = town.world;
  town.move_zhangs("Y");
  world.insert(town.li, "resident", numbered(12),
               {{"household_id", key_value(town.zhang)}, {"name", text("Zhang Si")}});
  world.push_directly(town.li);
  world.edit(town.li, "resident", numbered(12), {{"phone", text("137")}});
  world.push_directly(town.li);
  CHECK(town.li.store->outcomes().empty());
  town.check_all_equal();
  CHECK(world.shown(town.wang, "resident", numbered(12), "phone") == text("137"));
}

TEST_CASE("D3: after there and back and away again, who worked there at first is still believed") {
  Township town;
  SyncWorld& world = town.world;
  for (const char* village : {"Y", "X", "Y"}) town.move_zhangs(village);
  town.visit(town.li, 21, "before all that");
  const Sequence edit = world.edit(town.li, "household", town.zhang, {{"phone", text("101")}});
  sync(world, town.li);
  CHECK(reason_of(town.li, edit) == "");
  town.check_all_equal();
  CHECK(world.shown(town.wang, "household", town.zhang, "phone") == text("101"));
}

TEST_CASE(
    "D3: a grant holds from enrolment: a family registered before the first sync is taken, though "
    "its volunteer was given another village meanwhile") {
  Township town;
  SyncWorld& world = town.world;
  Phone& novice = world.add_phone("Chen Jie", {"X"});
  world.insert(novice, "household", numbered(2), {{"village_code", text("X")}});
  world.insert(novice, "resident", numbered(12), {{"household_id", key_value(numbered(2))}});
  world.grant(novice, {{"Y"}});
  sync(world, novice);
  CHECK(novice.store->outcomes().empty());
  CHECK(town.scope_of("household", numbered(2)) == "X");
  CHECK(town.scope_of("resident", numbered(12)) == "X");
  town.check_all_equal();
  CHECK_FALSE(world.shows(novice, "household", numbered(2)));
  CHECK(world.shows(town.li, "resident", numbered(12)));
}

TEST_CASE("D3: what was never in sight cannot be written") {
  Township town;
  SyncWorld& world = town.world;
  Sequence refused;
  SUBCASE("a visit to a family of another village, known by its number") {
    town.visit(town.wang, 21, "guessed");
    refused = town.wang.store->state().value().last;
  }
  SUBCASE("a family taken over by its number") {
    refused = world.insert(town.wang, "household", town.zhang, {{"village_code", text("Y")}});
  }
  SUBCASE("a family registered in another village") {
    refused = world.insert(town.wang, "household", numbered(2), {{"village_code", text("X")}});
  }
  SUBCASE("what the township publishes") {
    world.insert(town.liu, "supply", numbered(51), {{"village_code", text("T")}});
    settle(world);
    refused = world.edit(town.wang, "supply", numbered(51), {{"given", Value::integer(3)}});
  }
  const TestLink link = sync(world, town.wang);
  CHECK(reason_of(town.wang, refused) == "scope_denied");
  CHECK(world.shown(town.liu, "household", town.zhang, "village_code") == text("X"));
  town.check_all_equal();
}

TEST_CASE("D3: whoever holds a unit writes below it, however many levels") {
  Township town;
  SyncWorld& world = town.world;
  sync(world, town.liu);
  const Sequence edit = world.edit(town.liu, "resident", town.san, {{"phone", text("136")}});
  sync(world, town.liu);
  CHECK(reason_of(town.liu, edit) == "");
  CHECK(field(world.schema, "resident", world.hub_row("resident", town.san)->image, "phone") ==
        text("136"));
}

TEST_CASE("a volunteer moves from X to Y with 14 unsent edits for X: all land, X leaves, Y comes") {
  Township town;
  SyncWorld& world = town.world;
  world.insert(town.wang, "household", numbered(2), {{"village_code", text("Y")}});
  sync(world, town.wang);
  for (std::uint64_t n = 0; n < 9; ++n) town.visit(town.li, 21 + n, "before the move");
  world.edit(town.li, "household", town.zhang, {{"phone", text("101")}});
  world.edit(town.li, "household", town.zhang, {{"phone", text("102")}});
  world.insert(town.li, "household", numbered(3), {{"village_code", text("X")}});
  world.insert(town.li, "resident", numbered(13), {{"household_id", key_value(numbered(3))}});
  world.remove(town.li, "resident", town.san);
  CHECK(town.li.store->state().value().pending == 14);
  world.grant(town.li, {{"Y"}});
  LinkOptions weak;
  weak.rows_max = 2;
  for (std::size_t frames = 3; frames < 9; ++frames) {
    weak.cut_after = frames;
    sync(world, town.li, weak);
  }
  CHECK(sync(world, town.li).up_to_date);
  CHECK(town.li.store->outcomes().empty());
  CHECK(world.difference(town.li) == "");
  CHECK_FALSE(world.shows(town.li, "household", town.zhang));
  CHECK(world.shows(town.li, "household", numbered(2)));
  sync(world, town.liu);
  CHECK(world.shown(town.liu, "household", town.zhang, "phone") == text("102"));
  CHECK(world.shows(town.liu, "resident", numbered(13)));
  CHECK_FALSE(world.shows(town.liu, "resident", town.san));
  CHECK(world.shows(town.liu, "visit", numbered(29)));
  town.check_all_equal();
}

TEST_CASE("edits for a village that was lost stay shown until they are confirmed, then leave") {
  Township town;
  SyncWorld& world = town.world;
  sync(world, town.li);
  world.grant(town.li, {{"Y"}});
  TestLink link(world, town.li, {});
  while (!link.gone() && link.applied.empty()) {
    if (link.said_by_hub.size() == 2) break;
    if (!(link.deliver_up() || link.work() || link.deliver_down())) break;
  }
  // Written while the connection is open: the first checkpoint does not include it.
  world.edit(town.li, "household", town.zhang, {{"phone", text("103")}});
  while (link.applied.empty() && (link.deliver_up() || link.work() || link.deliver_down())) {
  }
  if (town.li.store->state().value().included != town.li.store->state().value().last) {
    CHECK(world.shown(town.li, "household", town.zhang, "phone") == text("103"));
  }
  link.run();
  CHECK(link.up_to_date);
  CHECK_FALSE(world.shows(town.li, "household", town.zhang));
  sync(world, town.liu);
  CHECK(world.shown(town.liu, "household", town.zhang, "phone") == text("103"));
  town.check_all_equal();
}

TEST_CASE(
    "a family moves away and is deleted there before the old phone calls: gone, its visit told") {
  Township town;
  SyncWorld& world = town.world;
  town.move_zhangs("Y");
  sync(world, town.wang);
  world.remove(town.wang, "resident", town.san);
  sync(world, town.wang);
  world.edit(town.li, "household", town.zhang, {{"phone", text("104")}});
  sync(world, town.li);
  CHECK_FALSE(world.shows(town.li, "resident", town.san));
  CHECK_FALSE(world.shows(town.li, "household", town.zhang));
  town.check_all_equal();
  CHECK(world.shown(town.wang, "household", town.zhang, "phone") == text("104"));
}
