#include "tests/server/test_hub.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "engine/core/limits.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "schema/loader.hpp"
#include "server/village_schema.hpp"

namespace doorstep::test {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "doorstep-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestHub::TestHub() {
  auto schema = load_schema(village_schema_text(), "village.toml");
  REQUIRE(schema.ok());
  auto folder =
      HubFolder::create(dir_.path() / "hub", std::move(schema).value(), "桥江镇", random_);
  REQUIRE(folder.ok());
  folder_.emplace(std::move(folder).value());
}

void TestHub::start(ListenOptions options) {
  SqliteHubStore& store = folder_->store();
  auto started = HubServer::start(
      {store, log_, time_, random_, [&store] { return store.changed_elsewhere(); }, &connected_},
      options);
  REQUIRE(started.ok());
  server_ = std::move(started).value();
}

std::string TestHub::issue_code(const std::string& name) {
  EnrolmentCode code;
  random_.fill(code.secret);
  code.hub_fingerprint = fingerprint_of(store().identity().keys.public_key);
  const std::array<ByteView, 1> secret{code.secret};
  CodeRecord record{
      hash_of(secret), name, "volunteer", {{dushi}}, time_.now() + limits::enrolment_code_ms};
  auto commit = store().begin();
  REQUIRE(commit.ok());
  REQUIRE((*commit)->put_code(record).ok());
  REQUIRE((*commit)->commit(time_.now(), random_.id<CommitToken>()).ok());
  return code.text();
}

Transaction TestHub::new_household(std::uint8_t number) {
  const TableId table = schema().find_table("household").value();
  const Table& household = schema().table(table);
  const auto cell = [&](std::string_view column, Value value) {
    return CellChange{household.find_column(column).value(), std::move(value), std::nullopt};
  };
  RowChange change;
  change.table = table;
  change.kind = RowChange::Kind::insert;
  std::array<std::uint8_t, 16> id{};
  id[6] = 0x70;
  id[8] = 0x80;
  id[15] = number;
  change.row = RowId::from(ByteView(id)).value();
  change.cells = {cell("village_code", Value::text(dushi)),
                  cell("villager_group", Value::integer(1)),
                  cell("head_name", Value::text("王五"))};
  Transaction transaction;
  transaction.time.clock.wall_ms = time_.now().ms;
  transaction.view = schema().fingerprint();
  transaction.changes = {std::move(change)};
  return transaction;
}

std::optional<DeviceRecord> TestHub::device(const DeviceId& id) {
  auto snapshot = store().snapshot();
  REQUIRE(snapshot.ok());
  auto found = (*snapshot)->device(id);
  REQUIRE(found.ok());
  return found.value();
}

}  // namespace doorstep::test
