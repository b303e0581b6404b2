#include "server/store/sqlite_hub_schemas.hpp"

#include <utility>
#include <vector>

#include "engine/core/defect.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep {
namespace {

using sqlite::quote_identifier;

Status add_hub_columns(sqlite::Database& db, const Table& before, const Table& after) {
  for (const Column& column : after.columns) {
    if (before.find_column(column.name)) continue;
    DS_TRY(db.run("ALTER TABLE " + quote_identifier(after.name) + " ADD COLUMN " +
                  quote_identifier(column.name) + " " +
                  std::string(sqlite::storage_type(column.type))));
    if (column.references) DS_TRY(db.run(hub_reference_index_ddl(after, column)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<HubSql>> HubSchemas::read(HubConnection& hub) {
  DS_ASSIGN(const HubQuery all, hub.query("SELECT number, position, time_ms, source FROM ds_schema"
                                          " ORDER BY number"));
  std::vector<SchemaHistory::Entry> entries;
  std::int64_t number = 0;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) break;
    number = all->integer(0);
    auto known = known_.find(number);
    if (known == known_.end()) {
      DS_ASSIGN(Schema schema, load_(all->text(3)));
      known = known_.emplace(number, std::move(schema)).first;
    }
    entries.push_back({known->second, all->position(1), Instant{all->integer(2)}});
  }
  if (entries.empty()) return error(ErrorCode::corrupt, "ds_schema is empty");
  return std::make_unique<HubSql>(SchemaHistory(std::move(entries)), number);
}

Result<const HubSql*> HubSchemas::current(HubConnection& hub) {
  std::int64_t number = 0;
  {
    DS_ASSIGN(const HubQuery newest, hub.query("SELECT max(number) FROM ds_schema"));
    DS_ASSIGN(const bool found, newest->step());
    if (found) number = newest->integer(0);
  }
  const std::scoped_lock lock(mutex_);
  auto known = statements_.find(number);
  if (known == statements_.end()) {
    DS_ASSIGN(std::unique_ptr<HubSql> made, read(hub));
    known = statements_.emplace(number, std::move(made)).first;
  }
  return known->second.get();
}

const HubSql& HubSchemas::newest() const {
  const std::scoped_lock lock(mutex_);
  return *statements_.rbegin()->second;
}

void HubSchemas::know(std::int64_t number, const Schema& schema) {
  const std::scoped_lock lock(mutex_);
  known_.emplace(number, schema);
}

Result<std::int64_t> add_hub_schema(HubConnection& hub, const Schema& from, const Schema& to,
                                    Position since, Instant now) {
  sqlite::Database& db = hub.db();
  // A view of the old columns, or one whose name a new table takes.
  for (const Table& table : from.tables()) DS_TRY(db.run(drop_app_view_ddl(from, table)));
  for (const Table& table : to.tables()) {
    if (const auto before = from.find_table(table.name)) {
      DS_TRY(add_hub_columns(db, from.table(*before), table));
    } else {
      DS_TRY(db.run(hub_table_ddl(table)));
    }
  }
  for (const Table& table : to.tables()) DS_TRY(db.run(app_view_ddl(to, table)));
  if (DS_DEFECT("hub_upgrade_in_two_commits")) DS_TRY(db.run("COMMIT; BEGIN IMMEDIATE"));
  return put_hub_schema(db, to, since, now);
}

}  // namespace doorstep
