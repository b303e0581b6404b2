#include "tests/client/village_replica.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/sqlite/database.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep::test {
namespace {

ReplicaOptions quick() {
  ReplicaOptions options;
  options.synchronous = Synchronous::normal;
  return options;
}

std::string upsert(const Table& table) {
  std::string marks = "?";
  std::string updates;
  for (const Column& column : table.columns) {
    const std::string name = sqlite::quote_identifier(column.name);
    marks += ", ?";
    updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  return "INSERT INTO " + table.name + " (" + sqlite::column_list(table) + ") VALUES (" + marks +
         ") ON CONFLICT (" + table.key + ") DO UPDATE SET " + updates;
}

RowImage image_from(const std::vector<Value>& cells) {
  RowImage image;
  image.values.assign(cells.begin() + 1, cells.end());
  return image;
}

}  // namespace

VillageReplica::VillageReplica(const MemoryDeviceStore::Identity& identity) {
  NewReplica made;
  made.schema = schema_.source();
  made.device = identity.device;
  made.device_name = "a phone";
  made.role = "volunteer";
  made.keys = identity.keys;
  made.hub = identity.hub;
  made.hub_key = identity.hub_key;
  const auto created = create_replica(path(), made, seams());
  REQUIRE_MESSAGE(created.ok(), created.error().text());
  restart();
}

ReplicaSeams VillageReplica::seams() {
  ReplicaSeams seams;
  seams.clock = &clock;
  seams.random = &random_;
  seams.load_schema = [](std::string_view) -> Result<Schema> { return small_village(); };
  return seams;
}

void VillageReplica::close() {
  store_.reset();
  replica_.reset();
}

void VillageReplica::restart() {
  close();
  auto replica = open_replica(path(), quick(), seams());
  REQUIRE_MESSAGE(replica.ok(), replica.error().text());
  replica_ = *std::move(replica);
  auto store = open_device_store(path(), quick(), seams());
  REQUIRE_MESSAGE(store.ok(), store.error().text());
  store_ = *std::move(store);
}

void VillageReplica::write(const std::vector<SyncWorld::Write>& rows) {
  auto transaction = replica_->begin();
  REQUIRE(transaction.ok());
  for (const auto& row : rows) {
    const Table& table = schema_.table(table_id(schema_, row.table));
    Bindings bindings{{"", value_of_key(table, row.id)}};
    std::string sql = "DELETE FROM " + table.name + " WHERE " + table.key + " = ?";
    if (row.image) {
      sql = upsert(table);
      for (const Value& value : row.image->values) bindings.push_back({"", value});
    }
    const auto done = (*transaction)->run(sql, bindings);
    REQUIRE_MESSAGE(done.ok(), sql << ": " << done.error().text());
  }
  const auto committed = (*transaction)->commit();
  REQUIRE_MESSAGE(committed.ok(), committed.error().text());
}

SqlResult VillageReplica::query(std::string_view sql, const Bindings& bindings) {
  auto result = replica_->query(sql, bindings);
  REQUIRE_MESSAGE(result.ok(), sql << ": " << result.error().text());
  return *std::move(result);
}

std::optional<RowImage> VillageReplica::row(std::string_view name, const RowId& id) {
  const Table& table = schema_.table(table_id(schema_, name));
  const SqlResult found = query("SELECT " + sqlite::column_list(table) + " FROM " + table.name +
                                    " WHERE " + table.key + " = ?",
                                {{"", value_of_key(table, id)}});
  if (found.sets.at(0).rows.empty()) return std::nullopt;
  return image_from(found.sets[0].rows[0]);
}

std::map<RowKey, RowImage> VillageReplica::rows() {
  std::map<RowKey, RowImage> rows;
  for (const Table& table : schema_.tables()) {
    const SqlResult found = query("SELECT " + sqlite::column_list(table) + " FROM " + table.name);
    for (const auto& cells : found.sets.at(0).rows) {
      const RowKey key{table_id(schema_, table.name), key_of(table, cells.at(0)).value()};
      rows[key] = image_from(cells);
    }
  }
  return rows;
}

std::int64_t VillageReplica::number(std::string_view sql) {
  return query(sql).sets.at(0).rows.at(0).at(0).as_integer();
}

}  // namespace doorstep::test
