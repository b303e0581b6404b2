#include "server/store/sqlite_hub_rows.hpp"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_collect.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view put_tombstone_sql =
    "INSERT INTO ds_tombstone (table_name, row_key, ds_scope, ds_position, ds_since, "
    "ds_base_position,"
    " ds_author, ds_stamp, ds_stamp_lo, ds_cells, image, death_position, death_author, death_stamp,"
    " death_stamp_lo) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    " ON CONFLICT (table_name, row_key) DO UPDATE SET ds_scope = excluded.ds_scope,"
    " ds_position = excluded.ds_position, ds_since = excluded.ds_since,"
    " ds_base_position = excluded.ds_base_position, ds_author = excluded.ds_author,"
    " ds_stamp = excluded.ds_stamp, ds_stamp_lo = excluded.ds_stamp_lo, ds_cells = "
    "excluded.ds_cells,"
    " image = excluded.image, death_position = excluded.death_position,"
    " death_author = excluded.death_author, death_stamp = excluded.death_stamp,"
    " death_stamp_lo = excluded.death_stamp_lo";
constexpr std::string_view set_merged_into_sql =
    "UPDATE ds_tombstone SET merged_into = ?3 WHERE table_name = ?1 AND row_key = ?2";
constexpr std::string_view remove_tombstone_sql =
    "DELETE FROM ds_tombstone WHERE table_name = ?1 AND row_key = ?2";

}  // namespace

Status bind_versions(HubConnection& hub, sqlite::Statement& to, int first, const StoredRow& row,
                     const Bytes& exceptions) {
  DS_ASSIGN(const std::int64_t scope, hub.number_of(row.scope));
  DS_ASSIGN(const std::int64_t author, hub.number_of(row.base.author));
  to.bind(first, scope);
  to.bind(first + 1, row.position);
  bind_unless(to, first + 2, row.since, row.position);
  bind_unless(to, first + 3, row.base.position, row.position);
  to.bind(first + 4, author);
  bind_stamp(to, first + 5, row.base.stamp);
  if (exceptions.empty()) {
    to.bind_null(first + 7);
  } else {
    to.bind(first + 7, ByteView(exceptions));
  }
  return {};
}

Result<int> bind_row(HubConnection& hub, const HubSql& sql, sqlite::Statement& to, int first,
                     const StoredRow& row, const Bytes& exceptions) {
  int parameter = first;
  bind_key(to, parameter++, sql.schema.table(row.table), row.id);
  for (const Value& value : row.image.values) to.bind(parameter++, value);
  DS_TRY(bind_versions(hub, to, parameter, row, exceptions));
  return parameter + hub_version_columns;
}

Status read_versions(HubConnection& hub, const Schema& schema, const sqlite::Statement& at,
                     int first, StoredRow& row) {
  DS_ASSIGN(row.scope, hub.scope_of(at.integer(first)));
  row.position = at.position(first + 1);
  row.since = position_or(at, first + 2, row.position);
  row.base.position = position_or(at, first + 3, row.position);
  DS_ASSIGN(row.base.author, hub.device_of(at.integer(first + 4)));
  row.base.stamp = stamp_at(at, first + 5);
  if (!at.is_null(first + 7)) {
    DS_TRY(decode_exceptions(schema, at.blob(first + 7), row));
  }
  return {};
}

namespace {

Status run_with_row(HubConnection& hub, const HubSql& sql, std::string_view text,
                    const StoredRow& row, const Bytes& exceptions) {
  DS_ASSIGN(const HubQuery put, hub.query(text));
  DS_TRY(bind_row(hub, sql, *put, 1, row, exceptions));
  return put->run();
}

Status put_live(HubConnection& hub, const HubSql& sql, const StoredRow& row) {
  DS_ASSERT(row.image.values.size() == sql.schema.table(row.table).columns.size());
  const Bytes exceptions = encode_exceptions(sql.schema, row);
  const HubTableSql& table = sql.tables[row.table.index];
  if (row.since < row.position) {
    DS_TRY(run_with_row(hub, sql, table.update, row, exceptions));
    if (sqlite3_changes(hub.db().handle()) > 0) return {};
  }
  return run_with_row(hub, sql, table.upsert, row, exceptions);
}

Status put_tombstone(HubConnection& hub, const HubSql& sql, const StoredRow& row) {
  const Table& table = sql.schema.table(row.table);
  const Bytes exceptions = encode_exceptions(sql.schema, row);
  const Bytes image = encode_image(table, row.image);
  DS_ASSIGN(const HubQuery upsert, hub.query(put_tombstone_sql));
  upsert->bind(1, std::string_view(table.name));
  bind_key(*upsert, 2, table, row.id);
  DS_TRY(bind_versions(hub, *upsert, 3, row, exceptions));
  upsert->bind(11, ByteView(image));
  if (row.death) {
    DS_ASSIGN(const std::int64_t author, hub.number_of(row.death->author));
    upsert->bind(12, row.death->position);
    upsert->bind(13, author);
    bind_stamp(*upsert, 14, row.death->stamp);
  } else {
    for (int i = 12; i <= 15; ++i) upsert->bind_null(i);
  }
  DS_TRY(upsert->run());
  DS_ASSIGN(const HubQuery merged, hub.query(set_merged_into_sql));
  merged->bind(1, std::string_view(table.name));
  bind_key(*merged, 2, table, row.id);
  if (row.merged_into) {
    bind_key(*merged, 3, table, *row.merged_into);
  } else {
    merged->bind_null(3);
  }
  return merged->run();
}

Status remove_tombstone(HubConnection& hub, const Table& table, const RowId& id) {
  DS_ASSIGN(const HubQuery remove, hub.query(remove_tombstone_sql));
  remove->bind(1, std::string_view(table.name));
  bind_key(*remove, 2, table, id);
  return remove->run();
}

Status remove_live(HubConnection& hub, const HubSql& sql, const RowKey& key) {
  DS_ASSIGN(const HubQuery remove, hub.query(sql.tables[key.table.index].remove));
  bind_key(*remove, 1, sql.schema.table(key.table), key.row);
  return remove->run();
}

}  // namespace

std::string_view select_tombstone() {
  return "SELECT table_name, row_key, image, death_position, death_author, death_stamp, "
         "death_stamp_lo,"
         " ds_scope, ds_position, ds_since, ds_base_position, ds_author, ds_stamp, ds_stamp_lo, "
         "ds_cells, merged_into"
         " FROM ds_tombstone ";
}

Status put_row(HubConnection& hub, const HubSql& sql, const StoredRow& row, bool is_absent) {
  // A row that has lived since an earlier commit is among the living, and one that was just found
  // nowhere is not among the dead: nothing of them is kept there. They are spared two deletes that
  // find nothing; one took 2,800 of a row's 145,000 instructions.
  if (row.live && (is_absent || row.since < row.position)) return put_live(hub, sql, row);
  DS_TRY(forget_dead(hub, sql.schema.table(row.table), row.id));
  if (row.live) {
    DS_TRY(remove_tombstone(hub, sql.schema.table(row.table), row.id));
    return put_live(hub, sql, row);
  }
  DS_TRY(remove_live(hub, sql, row.key()));
  return put_tombstone(hub, sql, row);
}

Result<StoredRow> live_row_at(HubConnection& hub, const HubSql& sql, TableId table_id,
                              const sqlite::Statement& at) {
  const Table& table = sql.schema.table(table_id);
  StoredRow row;
  row.table = table_id;
  DS_ASSIGN(row.id, row_id_at(at, 0));
  const int columns = static_cast<int>(table.columns.size());
  row.image.values.reserve(table.columns.size());
  for (int i = 0; i < columns; ++i) row.image.values.push_back(at.value(1 + i));
  DS_TRY(read_versions(hub, sql.schema, at, 1 + columns, row));
  return row;
}

Result<StoredRow> tombstone_at(HubConnection& hub, const HubSql& sql, const sqlite::Statement& at) {
  StoredRow row;
  row.live = false;
  DS_ASSIGN(row.table, table_at(sql.schema, at, 0));
  const Table& table = sql.schema.table(row.table);
  DS_ASSIGN(row.id, row_id_at(at, 1));
  DS_ASSIGN(row.image, decode_image(table, at.blob(2)));
  if (!at.is_null(3)) {
    row.death = CellVersion{at.position(3), {}, stamp_at(at, 5)};
    DS_ASSIGN(row.death->author, hub.device_of(at.integer(4)));
  }
  DS_TRY(read_versions(hub, sql.schema, at, 7, row));
  if (!at.is_null(15)) {
    DS_ASSIGN(row.merged_into, row_id_at(at, 15));
  }
  return row;
}

namespace {

Result<bool> is_among_dead(HubConnection& hub, const Table& table, const RowId& id) {
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT 1 FROM ds_tombstone WHERE table_name = ?1 AND row_key = ?2 UNION ALL"
                      " SELECT 1 FROM ds_dead WHERE table_name = ?1 AND row_key = ?2"));
  find->bind(1, std::string_view(table.name));
  bind_key(*find, 2, table, id);
  return find->step();
}

}  // namespace

Result<std::optional<StoredRow>> read_row(HubConnection& hub, const HubSql& sql,
                                          const RowKey& key) {
  const Table& table = sql.schema.table(key.table);
  {
    DS_ASSIGN(const HubQuery live, hub.query(sql.tables[key.table.index].select_by_key));
    bind_key(*live, 1, table, key.row);
    DS_ASSIGN(const bool found, live->step());
    if (found) {
      DS_ASSIGN(StoredRow row, live_row_at(hub, sql, key.table, *live));
      return std::optional(std::move(row));
    }
  }
  // Most that is not among the living was never here: one question says so.
  DS_ASSIGN(const bool was_here, is_among_dead(hub, table, key.row));
  if (!was_here) return std::optional<StoredRow>();
  static const std::string tombstone_by_key =
      std::string(select_tombstone()) + "WHERE table_name = ?1 AND row_key = ?2";
  DS_ASSIGN(const HubQuery dead, hub.query(tombstone_by_key));
  dead->bind(1, std::string_view(table.name));
  bind_key(*dead, 2, table, key.row);
  DS_ASSIGN(const bool found, dead->step());
  if (!found) return read_dead(hub, sql, key);
  DS_ASSIGN(StoredRow row, tombstone_at(hub, sql, *dead));
  return std::optional(std::move(row));
}

}  // namespace doorstep
