// Devices of older and newer schemas at one hub (SEMANTICS B3, D5).
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/core/schema_difference.hpp"
#include "tests/support/grown_village.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {
namespace {

/// A hub that begins with form 1, and two phones of village X.
struct FormChange {
  SyncWorld world;
  Schema form_1 = small_village();
  Schema form_2 = grown_village();
  Phone& old_phone = world.add_phone("李秀英", {"X"});
  Phone& new_phone = world.add_phone("王建国", {"X"});
  RowId household = numbered(1);
  RowId grandmother = numbered(2);

  FormChange() {
    world.insert(old_phone, "household", household, {{"village_code", Value::text("X")}});
    world.insert(old_phone, "resident", grandmother,
                 {{"household_id", key_value(household)}, {"name", Value::text("张桂兰")}});
    settle(world);
  }

  void township_takes(const Schema& form) {
    auto commit = world.hub->begin().value();
    REQUIRE(difference_of(commit->schemas().newest(), form).is_additive());
    REQUIRE(commit->put_schema(form, world.now).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
    world.pass(1000);
  }

  /// Writes columns of the grandmother by the names of the phone's own schema.
  void write(Phone& phone, Fields fields) {
    const Schema& schema = phone.store->schema();
    const RowKey key{table_id(schema, "resident"), grandmother};
    const auto shown = phone.store->row(key);
    REQUIRE(shown.has_value());
    REQUIRE(phone.store
                ->write(std::vector<MemoryDeviceStore::RowWrite>{{key, with(schema, "resident",
                                                                            *shown, fields)}},
                        world.clocks(phone))
                .ok());
    world.pass(1000);
  }

  Value at_phone(const Phone& phone, std::string_view column) const {
    const Schema& schema = phone.store->schema();
    const auto row = phone.store->row({table_id(schema, "resident"), grandmother});
    return row ? field(schema, "resident", *row, column) : Value::text("gone");
  }
  Value at_hub(std::string_view column) {
    const Schema& schema = world.hub->schema();
    const auto row =
        world.hub->snapshot().value()->row({table_id(schema, "resident"), grandmother});
    REQUIRE(row.value().has_value());
    return field(schema, "resident", row.value()->image, column);
  }
  std::vector<Conflict> conflicts() {
    ConflictQuery all;
    all.count_max = 100;
    return world.hub->snapshot().value()->conflicts(all).value();
  }
};

LinkOptions one_row() {
  LinkOptions options;
  options.rows_max = 1;
  return options;
}

LinkOptions stays_live() {
  LinkOptions options;
  options.live = true;
  return options;
}

Schema form_with_one_more_state(const Schema& form_2) {
  Schema::Parts parts;
  parts.name = form_2.name();
  parts.version = 3;
  parts.tables = form_2.tables();
  parts.tree = form_2.tree();
  Column& stage = parts.tables[table_id(form_2, "resident").index].columns[5];
  REQUIRE(stage.name == "stage");
  stage.states = {"asked", "promised", "on the way", "done"};
  return Schema::make(std::move(parts)).value();
}

/// Tables and columns that the changes named.
std::vector<NewColumn> columns_sent(const TestLink& link) {
  std::vector<NewColumn> named;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) {
      for (const std::string& column : block.columns) named.push_back({block.table, column});
    }
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

}  // namespace

TEST_CASE("a phone on the old form works on beside a phone on the new one, digest for digest") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  REQUIRE(sync(village.world, village.new_phone).up_to_date);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  REQUIRE(sync(village.world, village.new_phone).up_to_date);

  const TestLink link = sync(village.world, village.old_phone);
  CHECK(link.up_to_date);  // which says that the digests of its columns are equal
  CHECK_FALSE(link.device_error.has_value());
  CHECK(std::none_of(link.said_by_hub.begin(), link.said_by_hub.end(), [](const Message& message) {
    const auto* welcome = std::get_if<Welcome>(&message);
    return welcome != nullptr && !welcome->schema_known;
  }));
  CHECK(columns_sent(link).empty());

  village.write(village.old_phone, {{"phone", Value::text("13900000001")}});
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK(sync(village.world, village.new_phone).up_to_date);
  CHECK(village.at_phone(village.new_phone, "phone") == Value::text("13900000001"));
  CHECK(village.at_phone(village.new_phone, "mood") == Value::text("cheerful"));
  CHECK(village.at_hub("mood") == Value::text("cheerful"));
}

TEST_CASE("an upgraded phone fetches just the new columns and the new table") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  const TableId pair = table_id(village.form_2, "pair");
  REQUIRE(village.new_phone.store
              ->write(
                  std::vector<MemoryDeviceStore::RowWrite>{
                      {{pair, numbered(7)},
                       image_of(village.form_2, "pair",
                                {{"household_id", key_value(village.household)},
                                 {"tutor", Value::text("陈老师")}})}},
                  village.world.clocks(village.new_phone))
              .ok());
  sync(village.world, village.new_phone);
  sync(village.world, village.old_phone);

  village.old_phone.store->take_schema(village.form_2);
  CHECK(village.at_phone(village.old_phone, "mood").is_null());
  const TestLink link = sync(village.world, village.old_phone, one_row());
  CHECK(link.up_to_date);
  CHECK(columns_sent(link) ==
        std::vector<NewColumn>{{"pair", "household_id"}, {"pair", "tutor"}, {"resident", "mood"}});
  CHECK(village.at_phone(village.old_phone, "mood") == Value::text("cheerful"));
  CHECK(village.old_phone.store->row({pair, numbered(7)}).has_value());
  CHECK(columns_sent(sync(village.world, village.old_phone)).empty());
}

TEST_CASE("an old app upgrades offline: its first write to the new column erases no answer") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  village.write(village.new_phone,
                {{"mood", Value::text("cheerful")}, {"helper", Value::text("王建国")}});
  sync(village.world, village.new_phone);
  sync(village.world, village.old_phone);  // its cursor has passed the answers that it cannot see

  village.old_phone.store->take_schema(village.form_2);
  village.write(village.old_phone,
                {{"mood", Value::text("lonely")}, {"helper", Value::text("李秀英")}});
  village.write(village.old_phone, {{"mood", Value::text("very lonely")}});
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK(village.at_hub("mood") == Value::text("very lonely"));
  CHECK(village.at_hub("helper") == Value::text("王建国"));
  CHECK(village.at_phone(village.old_phone, "helper") == Value::text("王建国"));
  std::vector<Value> lost;
  for (const Conflict& conflict : village.conflicts()) lost.push_back(conflict.loser.value);
  CHECK(std::find(lost.begin(), lost.end(), Value::text("cheerful")) != lost.end());
  CHECK(std::find(lost.begin(), lost.end(), Value::text("李秀英")) != lost.end());

  // From now on it has seen the column, and what it writes simply stands.
  const std::size_t before = village.conflicts().size();
  village.write(village.old_phone, {{"mood", Value::text("better")}});
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK(village.at_hub("mood") == Value::text("better"));
  CHECK(village.conflicts().size() <= before);
}

TEST_CASE(
    "B2: a family left under a pending edit before the new column came: an answer written to the "
    "copy erases none") {
  FormChange village;
  Phone& secretary = village.world.add_phone("刘书记", {"T"});
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  sync(village.world, village.new_phone);
  sync(village.world, village.old_phone);  // its cursor has passed the answer that it cannot see
  sync(village.world, secretary);
  village.world.edit(secretary, "household", village.household,
                     {{"village_code", Value::text("Y")}});
  sync(village.world, secretary);

  village.old_phone.store->take_schema(village.form_2);
  TestLink link(village.world, village.old_phone);
  const auto step = [&] { return link.deliver_up() || link.work() || link.deliver_down(); };
  while (link.said_by_hub.size() < 2 && step()) {
  }
  village.write(village.old_phone, {{"phone", Value::text("13900000001")}});
  while (link.applied.empty() && step()) {
  }
  link.cut();
  REQUIRE(village.old_phone.store->overlay_rows() == 1);
  REQUIRE(village.old_phone.store->state().value().new_columns.empty());
  CHECK(village.at_phone(village.old_phone, "mood").is_null());
  village.write(village.old_phone, {{"mood", Value::text("lonely")}});
  village.write(village.old_phone, {{"mood", Value::text("very lonely")}});
  sync(village.world, village.old_phone);
  CHECK(village.at_hub("phone") == Value::text("13900000001"));
  CHECK(village.at_hub("mood") == Value::text("very lonely"));
  const auto conflicts = village.conflicts();
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].loser.value == Value::text("cheerful"));
}

TEST_CASE(
    "the first answer in a new column meets nobody, though the row was not written by its author") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  CHECK(sync(village.world, village.new_phone).up_to_date);
  CHECK(village.at_hub("mood") == Value::text("cheerful"));
  CHECK(village.conflicts().empty());
}

TEST_CASE(
    "a delete by a phone on the old form keeps a record of the answers that it could not see") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  sync(village.world, village.new_phone);
  sync(village.world, village.old_phone);
  village.world.remove(village.old_phone, "resident", village.grandmother);
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK_FALSE(village.world.hub_row("resident", village.grandmother)->live);
  const auto conflicts = village.conflicts();
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].loser.value == Value::text("cheerful"));
  CHECK(conflicts[0].column == village.form_2.table(TableId{2}).find_column("mood"));
}

TEST_CASE("D5: what a newer phone writes waits until the township's form knows it, in order") {
  FormChange village;
  village.new_phone.store->take_schema(village.form_2);
  village.write(village.new_phone, {{"phone", Value::text("1")}});
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  village.write(village.new_phone, {{"phone", Value::text("2")}});
  village.write(village.old_phone, {{"name", Value::text("张桂兰（奶奶）")}});
  sync(village.world, village.old_phone);

  const TestLink early = sync(village.world, village.new_phone);
  CHECK_FALSE(early.up_to_date);
  REQUIRE(early.device_error.has_value());
  CHECK(early.device_error->code == ErrorCode::hub_too_old);
  CHECK(early.device_error->detail.find("resident, column 4") != std::string::npos);
  CHECK(village.new_phone.store->state().value().pending == 2);
  CHECK(village.at_phone(village.new_phone, "name") == Value::text("张桂兰（奶奶）"));
  CHECK(village.at_hub("phone") == Value::text("1"));
  CHECK(village.at_phone(village.new_phone, "phone") == Value::text("2"));

  village.township_takes(village.form_2);
  CHECK(sync(village.world, village.new_phone).up_to_date);
  CHECK(village.at_hub("mood") == Value::text("cheerful"));
  CHECK(village.at_hub("phone") == Value::text("2"));
  CHECK(village.conflicts().empty());
}

TEST_CASE("D5: a mood is not taken for an allergy by a hub that grew that column instead") {
  FormChange village;
  // Set back to a backup, the township added another column than the phones' newest app has.
  Schema::Parts parts = parts_of(village.form_1);
  Column allergies;
  allergies.name = "allergies";
  parts.tables[table_id(village.form_1, "resident").index].columns.push_back(allergies);
  village.township_takes(Schema::make(std::move(parts)).value());
  village.new_phone.store->take_schema(village.form_2);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  sync(village.world, village.new_phone);
  CHECK(village.at_hub("allergies").is_null());
  CHECK(village.new_phone.store->state().value().pending == 1);
  CHECK(village.at_phone(village.new_phone, "mood") == Value::text("cheerful"));
}

TEST_CASE("D5: a state that the township's form does not know waits at its phone, in order") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  const Schema form_3 = form_with_one_more_state(village.form_2);
  village.new_phone.store->take_schema(form_3);
  village.write(village.new_phone, {{"stage", Value::text("on the way")}});
  village.write(village.new_phone, {{"phone", Value::text("2")}});
  const TestLink early = sync(village.world, village.new_phone);
  REQUIRE(early.device_error.has_value());
  CHECK(early.device_error->code == ErrorCode::hub_too_old);
  CHECK(village.new_phone.store->state().value().pending == 2);
  CHECK(village.at_hub("stage").is_null());
  CHECK(village.at_hub("phone").is_null());
  village.township_takes(form_3);
  CHECK(sync(village.world, village.new_phone).up_to_date);
  CHECK(village.at_hub("stage") == Value::text("on the way"));
  CHECK(village.at_hub("phone") == Value::text("2"));
}

TEST_CASE("E3: a phone on the old form is healed of what differs and told nothing else") {
  FormChange village;
  village.township_takes(village.form_2);
  village.new_phone.store->take_schema(village.form_2);
  sync(village.world, village.new_phone);
  village.write(village.new_phone, {{"mood", Value::text("cheerful")}});
  sync(village.world, village.new_phone);
  sync(village.world, village.old_phone);
  village.old_phone.store->damage(
      {table_id(village.form_1, "household"), village.household},
      image_of(village.form_1, "household", {{"village_code", Value::text("elsewhere")}}));
  village.write(village.new_phone, {{"mood", Value::text("lonely")}});
  sync(village.world, village.new_phone);
  const TestLink link = sync(village.world, village.old_phone);
  CHECK(link.up_to_date);
  CHECK(village.world.shown(village.old_phone, "household", village.household, "village_code") ==
        Value::text("X"));
  std::set<std::string> tables;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr || !changes->refill) continue;
    for (const BucketList& list : changes->refill->tables) tables.insert(list.table);
  }
  CHECK(tables == std::set<std::string>{"household"});
}

TEST_CASE("a state that an old phone does not know passes through it unharmed") {
  FormChange village;
  village.township_takes(village.form_2);
  for (Phone* phone : {&village.old_phone, &village.new_phone}) {
    phone->store->take_schema(village.form_2);
    sync(village.world, *phone);
  }
  const Schema form_3 = form_with_one_more_state(village.form_2);
  village.township_takes(form_3);
  village.new_phone.store->take_schema(form_3);
  village.write(village.new_phone, {{"stage", Value::text("on the way")}});
  sync(village.world, village.new_phone);
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK(village.at_phone(village.old_phone, "stage") == Value::text("on the way"));
  village.write(village.old_phone, {{"phone", Value::text("3")}});
  CHECK(sync(village.world, village.old_phone).up_to_date);
  CHECK(village.at_hub("stage") == Value::text("on the way"));
}

TEST_CASE("a live phone is sent away when the township takes a newer form, and told of it") {
  FormChange village;
  TestLink live(village.world, village.old_phone, stays_live());
  live.run();
  village.township_takes(village.form_2);
  live.hub_step(hub_input::SchemaChanged{village.form_2.fingerprint()});
  live.run();
  CHECK(live.hub_closed);
  CHECK(live.retry_after_ms == limits::scopes_changed_retry_ms);
  const TestLink again = sync(village.world, village.old_phone);
  CHECK(again.up_to_date);
  const auto& welcome = std::get<Welcome>(again.said_by_hub.at(1));
  CHECK(welcome.schema == village.form_2.fingerprint());
  CHECK(welcome.schema_known);
}

}  // namespace doorstep::test
