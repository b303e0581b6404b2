// What a role may see and write (SEMANTICS D3): the hub enforces both directions.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <set>

#include "tests/support/grown_village.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

/// The volunteer sees no phone numbers of residents and no supplies, and may not write org_unit;
/// the secretary may do all.
Schema with_roles(bool phones_hidden) {
  const Schema before = small_village();
  Schema::Parts parts = parts_of(before);
  parts.version = phones_hidden ? 2 : 3;
  parts.source = "village with roles " + std::to_string(parts.version);
  Role volunteer{"volunteer", {}};
  Role secretary{"secretary", {}};
  for (std::uint16_t i = 0; i < parts.tables.size(); ++i) {
    const Table& table = parts.tables[i];
    secretary.grants.push_back({TableId{i}, true, true, {}});
    if (table.name == "supply") continue;
    Role::Grant grant{TableId{i}, true, table.name != "org_unit", {}};
    if (table.name == "resident" && phones_hidden)
      grant.hidden.push_back(*table.find_column("phone"));
    volunteer.grants.push_back(grant);
  }
  parts.roles = {volunteer, secretary};
  return Schema::make(std::move(parts)).value();
}

/// The Zhangs with a resident, and rice in the cupboard, written by the secretary.
struct Office {
  SyncWorld world;
  Phone& liu = world.add_phone("Secretary Liu", {"X"});
  Phone& li = world.add_phone("Li Mei", {"X"});
  RowId zhang = numbered(1);
  RowId san = numbered(11);
  RowId rice = numbered(31);
  std::deque<Schema> schemas;  ///< phones keep no copy

  Office() {
    take(with_roles(true));
    give_role(liu, "secretary");
    give_role(li, "volunteer");
    world.insert(liu, "household", zhang, {{"village_code", text("X")}, {"phone", text("100")}});
    world.insert(liu, "resident", san,
                 {{"household_id", key_value(zhang)},
                  {"name", text("Zhang San")},
                  {"phone", text("13800000001")}});
    world.insert(liu, "supply", rice, {{"village_code", text("X")}, {"given", Value::integer(4)}});
    settle(world);
  }
  void take(const Schema& schema) {
    auto commit = world.hub->begin().value();
    REQUIRE(commit->put_schema(schema, world.now).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
    world.schema = schemas.emplace_back(schema);
    for (const auto& phone : world.phones) phone->store->take_schema(schemas.back());
  }
  void give_role(const Phone& phone, const std::string& role) {
    auto commit = world.hub->begin().value();
    DeviceRecord record = commit->device(phone.store->state().value().device).value().value();
    record.role = role;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  [[nodiscard]] Value phone_of_san() {
    return field(world.schema, "resident", world.hub_row("resident", san)->image, "phone");
  }
};

/// Tables, and columns as TABLE.COLUMN, that the hub named to a phone.
std::set<std::string> named_to(const TestLink& link) {
  std::set<std::string> names;
  for (const Message& message : link.said_by_hub) {
    const auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr) continue;
    for (const RowBlock& block : changes->rows) {
      names.insert(block.table);
      for (const std::string& column : block.columns) names.insert(block.table + "." + column);
    }
    for (const RemovalBlock& block : changes->removals) names.insert(block.table);
    for (const ConflictRecord& record : changes->conflicts)
      names.insert("record of " + record.table);
  }
  return names;
}

std::string reason_of(const Phone& phone, Sequence sequence) {
  const auto found = phone.store->outcomes().find(sequence);
  if (found == phone.store->outcomes().end() || !found->second.reason) return "";
  return found->second.reason->text();
}

}  // namespace

TEST_CASE("D3: what a role does not see never comes to the phone, and its digests are right") {
  Office office;
  SyncWorld& world = office.world;
  Phone& fresh = world.add_phone("Chen Jun", {"X"});
  office.give_role(fresh, "volunteer");
  const TestLink first = sync(world, fresh);
  CHECK(first.up_to_date);
  const auto named = named_to(first);
  CHECK(named.contains("resident.name"));
  CHECK_FALSE(named.contains("resident.phone"));
  CHECK_FALSE(named.contains("supply"));
  CHECK(world.shown(fresh, "resident", office.san, "name") == text("Zhang San"));
  CHECK(world.shown(fresh, "resident", office.san, "phone").is_null());
  CHECK_FALSE(world.shows(fresh, "supply", office.rice));

  // Nor does a change of it, nor a delete of what she never had.
  world.edit(office.liu, "resident", office.san, {{"phone", text("13800000002")}});
  world.remove(office.liu, "supply", office.rice);
  sync(world, office.liu);
  const TestLink later = sync(world, fresh);
  CHECK(later.up_to_date);
  CHECK(named_to(later).empty());
  CHECK(world.shown(fresh, "resident", office.san, "phone").is_null());
  CHECK(world.shown(office.liu, "resident", office.san, "phone") == text("13800000002"));
}

TEST_CASE("D3: what a role may not write is refused whole, and what builds on it") {
  Office office;
  SyncWorld& world = office.world;
  const Sequence table =
      world.insert(office.li, "supply", numbered(32), {{"village_code", text("X")}});
  const Sequence both = world.write(
      office.li, {{"household", numbered(2),
                   image_of(world.schema, "household", {{"village_code", text("X")}})},
                  {"resident", numbered(21),
                   image_of(world.schema, "resident",
                            {{"household_id", key_value(numbered(2))}, {"phone", text("139")}})}});
  const Sequence child =
      world.insert(office.li, "visit", numbered(41), {{"household_id", key_value(numbered(2))}});
  const Sequence allowed =
      world.edit(office.li, "household", office.zhang, {{"phone", text("101")}});
  settle(world);
  CHECK(reason_of(office.li, table).find("role_denied") != std::string::npos);
  CHECK(reason_of(office.li, table).find("table supply") != std::string::npos);
  CHECK(reason_of(office.li, both).find("table resident, column phone") != std::string::npos);
  CHECK(office.li.store->outcomes().at(child).kind == Outcome::Kind::depends_on);
  CHECK(reason_of(office.li, allowed).empty());
  CHECK_FALSE(world.hub_row("supply", numbered(32)).has_value());
  CHECK_FALSE(world.hub_row("household", numbered(2)).has_value());
  CHECK(world.shown(office.liu, "household", office.zhang, "phone") == text("101"));
  CHECK_FALSE(world.shows(office.li, "supply", numbered(32)));
}

TEST_CASE("D3: a delete by one who does not see a column leaves its value on record") {
  Office office;
  SyncWorld& world = office.world;
  world.remove(office.li, "resident", office.san);
  settle(world);
  CHECK_FALSE(world.hub_row("resident", office.san)->live);
  ConflictQuery all;
  all.count_max = 100;
  const auto records = world.hub->snapshot().value()->conflicts(all).value();
  const auto phone = std::find_if(records.begin(), records.end(), [&](const Conflict& one) {
    return one.key.row == office.san && one.loser.value == text("13800000001");
  });
  REQUIRE(phone != records.end());
  CHECK(phone->loser.version.author == office.liu.store->state().value().device);
}

TEST_CASE("D3: a household goes with all that hangs on it, also what its deleter may not write") {
  Office office;
  SyncWorld& world = office.world;
  Schema::Parts parts = parts_of(world.schema);
  for (Role::Grant& grant : parts.roles[0].grants) {
    if (grant.table == table_id(world.schema, "resident")) grant.write = false;
  }
  office.take(Schema::make(std::move(parts)).value());
  const Sequence alone = world.remove(office.li, "resident", office.san);
  settle(world);
  CHECK(reason_of(office.li, alone).find("role_denied") != std::string::npos);
  CHECK(world.hub_row("resident", office.san)->live);
  // As the SDK writes it: what hangs on the row is in the same transaction.
  const Sequence whole = world.write(office.li, {{"household", office.zhang, std::nullopt},
                                                 {"resident", office.san, std::nullopt}});
  settle(world);
  CHECK(reason_of(office.li, whole).empty());
  CHECK_FALSE(world.hub_row("household", office.zhang)->live);
  CHECK_FALSE(world.hub_row("resident", office.san)->live);
}

TEST_CASE("D3: a role that the schema does not name sees and writes nothing") {
  Office office;
  SyncWorld& world = office.world;
  Phone& stranger = world.add_phone("somebody", {"X"});
  office.give_role(stranger, "emperor");
  const TestLink link = sync(world, stranger);
  CHECK(link.up_to_date);
  CHECK(named_to(link).empty());
  const Sequence try_it =
      world.insert(stranger, "household", numbered(9), {{"village_code", text("X")}});
  sync(world, stranger);
  CHECK(reason_of(stranger, try_it).find("role_denied") != std::string::npos);
}

TEST_CASE(
    "D3: a role that is given more gets it at the next sync, one that is given less loses it") {
  Office office;
  SyncWorld& world = office.world;
  CHECK(world.shown(office.li, "resident", office.san, "phone").is_null());
  office.take(with_roles(false));
  settle(world);
  CHECK(world.shown(office.li, "resident", office.san, "phone") == text("13800000001"));
  Schema::Parts parts = parts_of(world.schema);
  parts.roles = with_roles(true).roles();
  office.take(Schema::make(std::move(parts)).value());
  settle(world);
  CHECK(world.shown(office.li, "resident", office.san, "phone").is_null());
  CHECK(world.shown(office.li, "resident", office.san, "name") == text("Zhang San"));
  CHECK(office.phone_of_san() == text("13800000001"));
}
