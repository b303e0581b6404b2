// The SQL of a hub database: its tables, and the statements that depend on the app's schema, made
// once per open store. docs/storage.md describes every table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// "dshb": tells a hub's database from other SQLite files.
inline constexpr std::int64_t hub_application_id = 0x64736862;
inline constexpr std::int64_t hub_format_version = 2;
/// In ds_schema, of the schema that a hub begins with.
inline constexpr std::int64_t first_schema_number = 1;

/// Columns of a row's versions, beside its key and its own.
inline constexpr int hub_version_columns = 8;

/// The statements of one table of the schema.
struct HubTableSql {
  std::string select_by_key;   ///< ?1 key
  std::string select_by_row;   ///< ?1 ds_row
  std::string select_scope;    ///< ?1 scope: every live row
  std::string upsert;          ///< key, columns, then the versions as put_row() binds them
  std::string insert_several;  ///< the same parameters for each of rows_at_once new rows
  std::size_t rows_at_once = 1;
  std::string next_keys;              ///< ?1 key, ?2 table: those after it here and among the dead
  std::string update;                 ///< the same parameters: of a row whose references stay
  std::string remove;                 ///< ?1 key
  std::vector<std::string> children;  ///< by ColumnId, ?1 value: keys of the rows that hold it
};

/// One part of the feed (engine/ports/feed_order.hpp): the live rows of a table, or tombstones,
/// departures, conflicts.
struct HubFeedPart {
  std::string name;
  std::optional<TableId> table;
  bool removals = false;  ///< nothing of it up to removals_after() is shown
  /// Position and ds_row of items of scope ?1, at most ?5: of position ?2 after row ?3, and of
  /// positions after ?2 up to ?4. Conflicts also leave out withdrawn ones up to position ?6. (One
  /// condition on the pair (position, row) would be shorter, but SQLite then steps over all rows of
  /// position ?2.)
  std::string within;
  std::string beyond;
  std::string count_within;  ///< how many they find
  std::string count_beyond;
  std::string item;  ///< ?1 ds_row
  /// Of a table: as `beyond`, without a limit, and whether the row is an insert of device ?3 that
  /// nobody has written to since.
  std::string beyond_own;
};

/// What the store knows of its schemas at one moment: shared by all its connections, never changed.
struct HubSql {
  HubSql(SchemaHistory history, std::int64_t number_in);
  std::int64_t number = 0;  ///< of the newest schema, in ds_schema
  SchemaHistory schemas;
  Schema schema;  ///< the newest
  std::vector<HubTableSql> tables;
  std::vector<HubFeedPart> feed_parts;  ///< ascending by name
};

/// Makes all tables of a new hub and records who it is. Runs inside the caller's transaction.
[[nodiscard]] Status create_hub_tables(sqlite::Database& db, const Schema& schema,
                                       const HubIdentity& identity);

/// What ds_meta says.
[[nodiscard]] Result<HubIdentity> read_hub_identity(sqlite::Database& db);

// The parts of which a hub's tables are made, for a new schema.
[[nodiscard]] std::string hub_table_ddl(const Table& table);
[[nodiscard]] std::string hub_reference_index_ddl(const Table& table, const Column& column);
/// The view of a table's own columns; nothing when a table of the schema has that name.
[[nodiscard]] std::string app_view_ddl(const Schema& schema, const Table& table);
[[nodiscard]] std::string drop_app_view_ddl(const Schema& schema, const Table& table);
/// Appends to ds_schema; gives the number.
[[nodiscard]] Result<std::int64_t> put_hub_schema(sqlite::Database& db, const Schema& schema,
                                                  Position since, Instant now);

}  // namespace doorstep
