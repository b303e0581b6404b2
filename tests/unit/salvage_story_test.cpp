// SEMANTICS D4 through whole sessions: what a phone knows of a row that its hub does not know any
// more reaches the person who decides, and lives again when she says so.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/session/settle_quarantine.hpp"
#include "engine/wire/salvage_rows.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId grandmother = numbered(2);

/// Two phones of village X that have the Wang household; A also has the grandmother, whom the hub
/// has lost, as a hub would be that was restored from an older copy.
struct Village {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  explicit Village(const Schema& schema = small_village()) : world(1, schema) {
    world.insert(a, "household", wang,
                 {{"village_code", Value::text("X")}, {"address", Value::text("group 3")}});
    settle(world);
    forget("resident", grandmother,
           {{"household_id", key_value(wang)},
            {"name", Value::text("Wang Guifen")},
            {"phone", Value::text("111")},
            {"pressure", Value::integer(140)}});
  }
  void forget(const std::string& table, const RowId& id, Fields fields) {
    a.store->damage({table_id(world.schema, table), id}, image_of(world.schema, table, fields));
  }
  [[nodiscard]] std::vector<QuarantineRecord> waiting() {
    return world.hub->snapshot().value()->quarantine({100, true}).value();
  }
  [[nodiscard]] HeldRows held(Sequence sequence) {
    const DeviceId device = a.store->state().value().device;
    const auto parts = world.hub->snapshot().value()->salvage(device, sequence).value();
    return rows_of(world.schema, parts).value();
  }
  [[nodiscard]] RowKey key(const std::string& table, const RowId& id) const {
    return {table_id(world.schema, table), id};
  }
  [[nodiscard]] QuarantineDecision all_of_them() {
    QuarantineDecision decision{{}, "Secretary Li", world.now, world.new_token()};
    for (const QuarantineRecord& one : waiting()) decision.ids.push_back(one.id);
    return decision;
  }
  [[nodiscard]] Result<Admitted> admit() { return admit_quarantined(*world.hub, all_of_them()); }
};

bool said_salvage(const std::vector<Message>& said) {
  return std::any_of(said.begin(), said.end(), [](const Message& message) {
    return std::holds_alternative<Salvage>(message);
  });
}

}  // namespace

TEST_CASE(
    "D4: a resident whom the hub has lost: the edit waits with her whole row, the secretary admits "
    "it, and both phones have her") {
  Village village;
  auto& [world, a, b] = village;
  const Sequence edit = world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  const TestLink link = sync(world, a);
  CHECK_FALSE(link.device_error);
  CHECK(link.up_to_date);
  CHECK(a.store->outcomes().at(edit).kind == Outcome::Kind::quarantined);
  CHECK_FALSE(world.shows(a, "resident", grandmother));  // the hub's rows are what stands
  CHECK(world.difference(a) == "");

  REQUIRE(village.waiting().size() == 1);
  const HeldRows held = village.held(edit);
  const RowImage& row = held.at(village.key("resident", grandmother));
  CHECK(field(world.schema, "resident", row, "name") == Value::text("Wang Guifen"));
  CHECK(field(world.schema, "resident", row, "phone") == Value::text("111"));  // as the hub had it
  CHECK(held.contains(village.key("household", wang)));  // what she hangs on came along

  const auto admitted = village.admit();
  REQUIRE_MESSAGE(admitted.ok(), admitted.error().text());
  CHECK(admitted->outcomes.front().kind == Outcome::Kind::accepted);
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.difference(*phone) == "");
    CHECK(world.shown(*phone, "resident", grandmother, "name") == Value::text("Wang Guifen"));
    CHECK(world.shown(*phone, "resident", grandmother, "phone") == Value::text("222"));
    CHECK(world.shown(*phone, "resident", grandmother, "pressure") == Value::integer(140));
  }
  CHECK(world.hub_row("resident", grandmother)->base.author == a.store->state().value().device);
}

TEST_CASE("D4: what the hub has on record of an admitted transaction is what it is now") {
  Village village;
  auto& [world, a, b] = village;
  const Sequence edit = world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  sync(world, a);
  const auto decision = village.all_of_them();
  const auto admitted = admit_quarantined(*world.hub, decision);
  REQUIRE(admitted.ok());
  CHECK(village.waiting().empty());
  const auto all = world.hub->snapshot().value()->quarantine({100, false}).value();
  REQUIRE(all.size() == 1);
  CHECK(all[0].state == QuarantineState::admitted);
  CHECK(all[0].settled_by == "Secretary Li");
  CHECK(all[0].settled == admitted->position);
  const auto record = world.hub->begin().value()->transaction(all[0].id.device, edit).value();
  REQUIRE(record);
  CHECK(record->outcome.kind == Outcome::Kind::accepted);
  CHECK(record->position == admitted->position);
  // Nobody can settle it twice.
  CHECK(admit_quarantined(*world.hub, decision).error().code == ErrorCode::quarantine_state);
  CHECK(discard_quarantined(*world.hub, decision).error().code == ErrorCode::quarantine_state);
}

TEST_CASE(
    "D4: several edits of one lost resident and a visit to a lost household come back in order") {
  Village village;
  auto& [world, a, b] = village;
  const RowId chen = numbered(3);
  const RowId visit = numbered(4);
  village.forget("household", chen,
                 {{"village_code", Value::text("X")},
                  {"address", Value::text("group 7")},
                  {"boxes", Value::integer(3)},
                  {"tags", Value::text(R"(["empty-nest"])")}});
  world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  world.edit(a, "resident", grandmother, {{"phone", Value::text("333")}});
  world.write(a,
              {{"visit", visit,
                image_of(world.schema, "visit",
                         {{"household_id", key_value(chen)}, {"findings", Value::text("well")}})}});
  sync(world, a);
  CHECK(village.waiting().size() == 3);
  const auto admitted = village.admit();
  REQUIRE_MESSAGE(admitted.ok(), admitted.error().text());
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.difference(*phone) == "");
    CHECK(world.shown(*phone, "resident", grandmother, "phone") == Value::text("333"));
    CHECK(world.shown(*phone, "visit", visit, "findings") == Value::text("well"));
    CHECK(world.shown(*phone, "household", chen, "address") == Value::text("group 7"));
    CHECK(world.shown(*phone, "household", chen, "boxes") == Value::integer(3));
    CHECK(world.shown(*phone, "household", chen, "tags") == Value::text(R"(["empty-nest"])"));
  }
}

TEST_CASE(
    "D4: a resident who was deleted and let go during 200 days in a drawer lives again when the "
    "phone's edit of her is admitted") {
  Village village;
  auto& [world, a, b] = village;
  const RowId uncle = numbered(5);
  world.insert(b, "resident", uncle,
               {{"household_id", key_value(wang)}, {"name", Value::text("Wang Daming")}});
  settle(world);
  settle(world);
  const Sequence edit = world.edit(b, "resident", uncle, {{"phone", Value::text("555")}});
  world.remove(a, "resident", uncle);
  sync(world, a);
  sync(world, a);
  world.pass(std::int64_t{200} * 24 * 3'600'000);
  world.collect();
  REQUIRE(world.hub_row("resident", uncle)->collected);
  CHECK(sync(world, b).up_to_date);
  CHECK(b.store->outcomes().at(edit).kind == Outcome::Kind::quarantined);
  CHECK_FALSE(world.shows(b, "resident", uncle));
  const auto admitted = village.admit();
  REQUIRE_MESSAGE(admitted.ok(), admitted.error().text());
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.difference(*phone) == "");
    CHECK(world.shown(*phone, "resident", uncle, "name") == Value::text("Wang Daming"));
    CHECK(world.shown(*phone, "resident", uncle, "phone") == Value::text("555"));
  }
}

TEST_CASE(
    "D4: a household, made and visited in one transaction with an edit of a lost resident, comes "
    "in "
    "with it") {
  Village village;
  auto& [world, a, b] = village;
  const auto resident = *a.store->row(village.key("resident", grandmother));
  // The visit stands before the household that it hangs on.
  world.write(a, {{"visit", numbered(6),
                   image_of(world.schema, "visit", {{"household_id", key_value(numbered(7))}})},
                  {"household", numbered(7),
                   image_of(world.schema, "household", {{"village_code", Value::text("X")}})},
                  {"resident", grandmother,
                   with(world.schema, "resident", resident, {{"phone", Value::text("222")}})}});
  sync(world, a);
  CHECK_FALSE(world.hub_row("household", numbered(7)));
  const auto admitted = village.admit();
  REQUIRE_MESSAGE(admitted.ok(), admitted.error().text());
  settle(world);
  for (Phone* phone : {&a, &b}) {
    CHECK(world.difference(*phone) == "");
    CHECK(world.shows(*phone, "visit", numbered(6)));
    CHECK(world.shown(*phone, "resident", grandmother, "phone") == Value::text("222"));
  }
}

TEST_CASE(
    "D4: what the hub itself had written into a lost row comes back with it; no phone writes it") {
  const Schema before = small_village();
  Schema::Parts parts{"checked_village", 1, before.tables(), {}, before.tree(), "checked village"};
  Table& residents = parts.tables[table_id(before, "resident").index];
  residents.columns[3].policy = MergePolicy::hub;  // pressure, judged by the doctor of the township
  Village village(Schema::make(parts).value());
  auto& [world, a, b] = village;
  world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  sync(world, a);
  const auto admitted = village.admit();
  REQUIRE_MESSAGE(admitted.ok(), admitted.error().text());
  settle(world);
  CHECK(world.shown(b, "resident", grandmother, "pressure") == Value::integer(140));
  CHECK(world.difference(b) == "");

  const RowId lost = numbered(8);
  village.forget("resident", lost, {{"household_id", key_value(wang)}});
  world.edit(a, "resident", lost, {{"pressure", Value::integer(90)}});
  sync(world, a);
  CHECK(village.admit().error().code == ErrorCode::hub_column);
}

TEST_CASE("D4: wherever the link is cut, the rows arrive, once, and the phone stops sending them") {
  for (std::size_t frames = 1; frames < 16; ++frames) {
    CAPTURE(frames);
    Village village;
    auto& [world, a, b] = village;
    const Sequence edit = world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
    LinkOptions options;
    options.cut_after = frames;
    sync(world, a, options);
    sync(world, a);
    CHECK(sync(world, a).up_to_date);
    CHECK(village.waiting().size() == 1);
    CHECK(village.held(edit).size() == 2);
    CHECK_FALSE(a.store->salvage().value());
    CHECK_FALSE(said_salvage(sync(world, a).said_by_device));
    CHECK(world.difference(a) == "");
  }
}

TEST_CASE("D4: a phone is not up to date before the hub has the rows") {
  Village village;
  auto& [world, a, b] = village;
  world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  TestLink link(world, a);
  const auto move = [&] { return link.deliver_up() || link.deliver_down(); };
  while (!said_salvage(link.said_by_device)) REQUIRE((move() || link.work()));
  // The rows are with the hub's writer, which takes its time; everything else goes on.
  while (move() || link.work(TestLink::Kind::read)) {
  }
  CHECK(link.applied.size() >= 1);
  CHECK_FALSE(link.up_to_date);
  CHECK_FALSE(link.device_closed);
  link.run();
  CHECK(link.up_to_date);
  CHECK(link.device_closed);
  CHECK_FALSE(link.device_error);
}

TEST_CASE("D4: rows are taken only of a quarantined transaction of the phone that sends them") {
  Village village;
  auto& [world, a, b] = village;
  const Sequence edit = world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  sync(world, a);
  const auto stored = [&](const Phone& phone, Sequence sequence) {
    Salvage salvage;
    salvage.sequence = sequence;
    salvage.rows = {{"resident", {}, true, {"name"}, {grandmother}, {Value::text("forged")}}};
    return store_salvage(*village.world.hub, {phone.store->state().value().device, salvage},
                         village.world.now, village.world.new_token());
  };
  world.insert(b, "household", numbered(9), {{"village_code", Value::text("X")}});
  sync(world, b);
  CHECK(stored(b, edit).error().code == ErrorCode::unexpected_message);  // accepted, not waiting
  CHECK(stored(b, Sequence{7}).error().code == ErrorCode::unexpected_message);
  const auto row = village.held(edit).at(village.key("resident", grandmother));
  CHECK(field(world.schema, "resident", row, "name") == Value::text("Wang Guifen"));
  // After it was settled nothing is stored, but the phone may forget its copy.
  REQUIRE(discard_quarantined(*world.hub, village.all_of_them()).ok());
  CHECK(stored(a, edit).value() == Salvaged{edit, 1});
  CHECK(village.held(edit).at(village.key("resident", grandmother)) == row);
}

TEST_CASE("D4: what still cannot be merged is not admitted, and says which rule is broken") {
  const Schema schema = ruled_village();
  Village village(schema);
  auto& [world, a, b] = village;
  dynamic_cast<MemoryHubStore&>(*world.hub).set_rules(ruled_village_rules(schema));
  village.forget("household", numbered(3), {{"village_code", Value::text("X")}});
  world.edit(a, "household", numbered(3), {{"phone", Value::text("wrong")}});
  world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  sync(world, a);
  REQUIRE(village.waiting().size() == 2);
  const auto refused = village.admit();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::rule_broken);
  CHECK(refused.error().detail.find("no_wrong_phone") != std::string::npos);
  // All or nothing.
  CHECK_FALSE(world.hub_row("resident", grandmother));
  CHECK(village.waiting().size() == 2);

  QuarantineDecision one = village.all_of_them();
  one.ids = {village.waiting().back().id};
  REQUIRE(discard_quarantined(*world.hub, one).ok());
  REQUIRE(village.waiting().size() == 1);
  CHECK(village.admit().ok());
  CHECK(world.hub_row("resident", grandmother)->live);
  CHECK_FALSE(world.hub_row("household", numbered(3)));
}

TEST_CASE(
    "D4: an edit whose row never came is refused as before, and a village that the phone lost "
    "is not written") {
  Village village;
  auto& [world, a, b] = village;
  world.edit(a, "resident", grandmother, {{"phone", Value::text("222")}});
  world.push_directly(a);  // without a session no rows follow
  CHECK(village.admit().error().code == ErrorCode::row_unknown);
  sync(world, a);
  world.pass(1000);
  auto commit = world.hub->begin().value();
  DeviceRecord record = commit->device(a.store->state().value().device).value().value();
  record.scopes = {{"Y"}};  // as if it had never had another
  REQUIRE(commit->put_device(record).ok());
  REQUIRE(commit->commit(world.now, world.new_token()).ok());
  CHECK(village.admit().error().code == ErrorCode::scope_denied);
  CHECK_FALSE(world.hub_row("resident", grandmother));
}

TEST_CASE(
    "C5: what a copy of a phone had is not admitted under the other's name, for it would replace "
    "what that one wrote unseen") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  const RowId wang = numbered(1);
  world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
  sync(world, a);
  Phone& copy = world.clone_phone(a);
  world.edit(a, "household", wang, {{"phone", Value::text("1")}});
  world.edit(copy, "household", wang, {{"phone", Value::text("2")}});
  sync(world, a);
  for (int call = 0; call < 3; ++call) sync(world, copy);
  const auto kept = world.hub->snapshot().value()->quarantine({10, true}).value();
  REQUIRE(kept.size() == 1);
  REQUIRE(kept[0].reason.code == ErrorCode::device_forked);

  QuarantineDecision decision{{kept[0].id}, "secretary", world.now, world.new_token()};
  const auto admitted = admit_quarantined(*world.hub, decision);
  REQUIRE_FALSE(admitted.ok());
  CHECK(admitted.error().code == ErrorCode::copy_not_admitted);
  CHECK(field(world.schema, "household", world.hub_row("household", wang)->image, "phone") ==
        Value::text("1"));
  CHECK(discard_quarantined(*world.hub, decision).ok());
  CHECK(world.hub->snapshot().value()->quarantine({10, true}).value().empty());
}
