#include "tests/client/damaged_phone.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace doorstep::test {
namespace {

MemoryDeviceStore::Identity identity_of(SyncWorld& world, const Phone& phone) {
  const DeviceState state = phone.store->state().value();
  return {state.device, state.keys, world.hub->identity().id, state.hub_key};
}

RowId visit_id(std::uint8_t number) { return numbered(static_cast<std::uint8_t>(100 + number)); }

}  // namespace

DamagedPhone::DamagedPhone(std::uint64_t seed)
    : world(seed),
      colleague(world.add_phone("colleague", {"X"})),
      mine(world.add_phone("mine", {"X"})),
      replica(identity_of(world, mine)) {
  for (std::uint8_t i = 1; i <= household_count; ++i) {
    world.insert(colleague, "household", numbered(i),
                 {{"village_code", Value::text("X")},
                  {"address", Value::text("group " + std::to_string(i % 7) + ", courtyard " +
                                          std::to_string(i) + std::string(80, '.'))},
                  {"phone", Value::text("1390000" + std::to_string(i))},
                  {"boxes", Value::integer(0)}});
  }
  (void)test::sync(world, colleague);
  (void)test::sync(world, colleague);
  sync_to_the_end();
  // One that is confirmed: the chain goes on from it.
  auto third = replica.row("household", numbered(3)).value();
  third.values[2] = Value::text("222");
  replica.write({{"household", numbered(3), third}});
  sync_to_the_end();
  for (std::uint8_t i = 1; i <= unsent_visits; ++i) visit(i);
}

void DamagedPhone::visit(std::uint8_t number) {
  auto first = replica.row("household", numbered(1));
  REQUIRE(first.has_value());
  first->values[5] = Value::integer(first->values[5].as_integer() + 1);
  const RowImage visit = image_of(
      world.schema, "visit",
      {{"household_id", key_value(numbered(static_cast<std::uint8_t>(number + 1)))},
       {"findings", Value::text("visit " + std::to_string(number) + std::string(60, '!'))}});
  replica.write({{"household", numbered(1), first}, {"visit", visit_id(number), visit}});
}

std::string DamagedPhone::sync() {
  world.pass(1000);
  TestLink link(world, mine, replica.store());
  link.run();
  if (link.device_error) return link.device_error->text();
  return link.up_to_date || link.come_again ? "" : "not up to date";
}

void DamagedPhone::sync_to_the_end() {
  std::string last;
  for (int round = 0; round < 4; ++round) {
    last = sync();
    const auto state = replica.store().state();
    REQUIRE(state.ok());
    if (last.empty() && !state->successor && state->included == state->last) return;
  }
  FAIL(last);
}

void DamagedPhone::colleague_writes() {
  world.edit(colleague, "household", numbered(2), {{"phone", Value::text("555")}});
  (void)test::sync(world, colleague);
}

std::string DamagedPhone::difference() {
  const auto snapshot = world.hub->snapshot().value();
  std::string text;
  const auto shown = replica.rows();
  std::size_t live = 0;
  for (std::uint16_t i = 0; i < world.schema.tables().size(); ++i) {
    const std::vector<ScopeId> scopes{ScopeId{"T"}, ScopeId{"X"}};
    const auto status = snapshot->scan(
        TableId{i}, scopes, [](const RowId&) { return true; },
        [&](StoredRow row) -> Status {
          ++live;
          const auto here = shown.find(RowKey{TableId{i}, row.id});
          if (here == shown.end()) {
            text +=
                "lacks " + world.schema.table(TableId{i}).name + " " + to_hex(row.id.view()) + "; ";
          } else if (here->second != row.image) {
            text += "other " + world.schema.table(TableId{i}).name + "; ";
          }
          return {};
        });
    REQUIRE(status.ok());
  }
  if (live != shown.size()) text += "surplus rows; ";
  const auto verified = replica.replica().verify();
  REQUIRE(verified.ok());
  for (const std::string& problem : verified->problems) text += problem + "; ";
  const auto status = replica.replica().status();
  REQUIRE(status.ok());
  if (!status->up_to_date) text += "not up to date; ";
  return text;
}

std::uint64_t DamagedPhone::visits_at_hub() {
  std::uint64_t count = 0;
  for (std::uint8_t i = 1; i <= unsent_visits; ++i) {
    const auto row = world.hub_row("visit", visit_id(i));
    count += row && row->live ? 1U : 0U;
  }
  return count;
}

std::int64_t DamagedPhone::boxes_at_hub() {
  const auto row = world.hub_row("household", numbered(1));
  REQUIRE(row.has_value());
  return row->image.values[5].as_integer();
}

std::string bytes_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

}  // namespace doorstep::test
