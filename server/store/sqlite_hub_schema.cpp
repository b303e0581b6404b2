#include "server/store/sqlite_hub_schema.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/sqlite/ddl.hpp"
#include "server/store/sqlite_hub_epochs.hpp"
#include "server/store/sqlite_hub_rows.hpp"

namespace doorstep {

using sqlite::quote_identifier;

namespace {

// Columns of doorstep's own in a table of live rows, in the order in which they are read and bound.
constexpr std::string_view version_columns =
    "ds_scope, ds_position, ds_since, ds_base_position, ds_author, ds_stamp, ds_stamp_lo, ds_cells";

constexpr std::string_view bookkeeping_tables = R"sql(
CREATE TABLE ds_meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE ds_schema (
  number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, version INTEGER NOT NULL,
  position INTEGER NOT NULL, time_ms INTEGER NOT NULL, source TEXT NOT NULL) STRICT;
CREATE TABLE ds_commit (position INTEGER PRIMARY KEY, token BLOB NOT NULL, time_ms INTEGER NOT NULL) STRICT;
CREATE TABLE ds_epoch (
  epoch INTEGER PRIMARY KEY, parent INTEGER, parent_position INTEGER NOT NULL, noticed_ms INTEGER NOT NULL,
  announced INTEGER NOT NULL) STRICT;
CREATE TABLE ds_scope (
  scope INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, floor INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE ds_device (
  device INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
  enrolled_here INTEGER NOT NULL DEFAULT 0, public_key BLOB, name TEXT, role TEXT, scopes TEXT,
  enrolled_position INTEGER, granted_position INTEGER, revoked_ms INTEGER, lost INTEGER, merged_sequence INTEGER, head_hash BLOB,
  stamp_lo INTEGER, stamp INTEGER, last_contact_ms INTEGER, cursor INTEGER, pending INTEGER,
  last_sequence INTEGER, settled INTEGER,
  clock_offset_ms INTEGER, software TEXT, schema BLOB, predecessor BLOB,
  cut_epoch INTEGER, cut INTEGER, cut_through INTEGER, healed INTEGER, healed_ms INTEGER, free_bytes INTEGER) STRICT;
CREATE TABLE ds_signed (position INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE ds_comparison (
  device INTEGER PRIMARY KEY, asked INTEGER NOT NULL, asked_ms INTEGER NOT NULL,
  answered INTEGER NOT NULL, answered_ms INTEGER NOT NULL, answer BLOB NOT NULL) STRICT;
CREATE TABLE ds_grant (
  device INTEGER NOT NULL, from_position INTEGER NOT NULL, to_position INTEGER NOT NULL,
  scopes TEXT NOT NULL, PRIMARY KEY (device, from_position)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_code (
  secret_hash BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, scopes TEXT NOT NULL,
  expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ds_transaction (
  device INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL, position INTEGER NOT NULL,
  outcome BLOB, claimed_ms INTEGER, corrected_ms INTEGER,
  PRIMARY KEY (device, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_reoffered (
  device INTEGER NOT NULL, position INTEGER NOT NULL, was INTEGER NOT NULL, observed INTEGER NOT NULL,
  PRIMARY KEY (device, position)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_gap (
  device INTEGER NOT NULL, from_sequence INTEGER NOT NULL, through_sequence INTEGER NOT NULL,
  head_hash BLOB NOT NULL, noticed_ms INTEGER NOT NULL,
  PRIMARY KEY (device, from_sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_fallen (
  device INTEGER NOT NULL, table_name TEXT NOT NULL, row_key BLOB NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY (device, table_name, row_key)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_quarantine (
  number INTEGER PRIMARY KEY, device INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
  position INTEGER NOT NULL, error INTEGER NOT NULL, detail TEXT NOT NULL, body BLOB NOT NULL,
  state TEXT NOT NULL, settled_position INTEGER, settled_ms INTEGER, settled_by TEXT,
  UNIQUE (device, sequence, hash)) STRICT;
CREATE INDEX ds_quarantine_hash ON ds_quarantine (hash);
CREATE TABLE ds_resent (
  original BLOB PRIMARY KEY, device INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE ds_salvage (
  device INTEGER NOT NULL, sequence INTEGER NOT NULL, epoch INTEGER NOT NULL, part INTEGER NOT NULL,
  position INTEGER NOT NULL, message BLOB NOT NULL,
  PRIMARY KEY (device, sequence, epoch, part)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_tombstone (
  ds_row INTEGER PRIMARY KEY, table_name TEXT NOT NULL, row_key ANY NOT NULL,
  ds_scope INTEGER NOT NULL, ds_position INTEGER NOT NULL, ds_since INTEGER, ds_base_position INTEGER,
  ds_author INTEGER NOT NULL, ds_stamp INTEGER NOT NULL, ds_stamp_lo INTEGER, ds_cells BLOB,
  image BLOB NOT NULL, death_position INTEGER, death_author INTEGER, death_stamp INTEGER,
  death_stamp_lo INTEGER, merged_into ANY, UNIQUE (table_name, row_key)) STRICT;
CREATE INDEX ds_tombstone_merged ON ds_tombstone (table_name) WHERE merged_into IS NOT NULL;
CREATE INDEX ds_tombstone_feed ON ds_tombstone (ds_scope, ds_position);
CREATE TABLE ds_dead (
  table_name TEXT NOT NULL, row_key ANY NOT NULL, ds_scope INTEGER NOT NULL,
  ds_position INTEGER NOT NULL, death_author INTEGER NOT NULL, death_stamp INTEGER NOT NULL,
  death_stamp_lo INTEGER, PRIMARY KEY (table_name, row_key)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_departure (
  ds_row INTEGER PRIMARY KEY, table_name TEXT NOT NULL, row_key ANY NOT NULL,
  ds_scope INTEGER NOT NULL, to_scope INTEGER NOT NULL, ds_position INTEGER NOT NULL,
  UNIQUE (table_name, row_key, ds_position, ds_scope)) STRICT;
CREATE INDEX ds_departure_feed ON ds_departure (ds_scope, ds_position);
CREATE TABLE ds_conflict (
  ds_row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, table_name TEXT NOT NULL, row_key ANY NOT NULL,
  column_name TEXT, policy TEXT NOT NULL, state TEXT NOT NULL,
  winner ANY, winner_author INTEGER NOT NULL, winner_position INTEGER NOT NULL, winner_stamp INTEGER NOT NULL,
  winner_stamp_lo INTEGER,
  loser ANY, loser_author INTEGER NOT NULL, loser_position INTEGER NOT NULL, loser_stamp INTEGER NOT NULL,
  loser_stamp_lo INTEGER,
  order_uncertain INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
  ds_scope INTEGER NOT NULL, ds_position INTEGER NOT NULL,
  decision_author INTEGER, decision_position INTEGER, decision_stamp INTEGER,
  decision_stamp_lo INTEGER) STRICT;
CREATE INDEX ds_conflict_feed ON ds_conflict (ds_scope, ds_position) WHERE state <> 'auto';
CREATE INDEX ds_conflict_loser ON ds_conflict (loser_author, ds_position) WHERE state = 'auto';
CREATE INDEX ds_conflict_open ON ds_conflict (ds_position DESC, id) WHERE state = 'open' AND withdrawn = 0;
CREATE INDEX ds_conflict_table ON ds_conflict (table_name, state, ds_position DESC, id) WHERE withdrawn = 0;
CREATE INDEX ds_conflict_withdrawn ON ds_conflict (ds_scope, ds_position) WHERE withdrawn = 1;
CREATE INDEX ds_conflict_newest ON ds_conflict (ds_position DESC, id) WHERE withdrawn = 0;
CREATE INDEX ds_conflict_row ON ds_conflict (table_name, row_key);
CREATE TABLE ds_match (
  block INTEGER NOT NULL, row_key ANY NOT NULL, PRIMARY KEY (block, row_key)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_duplicate (
  id BLOB NOT NULL UNIQUE, table_name TEXT NOT NULL, first ANY NOT NULL, second ANY NOT NULL,
  score INTEGER NOT NULL, reasons TEXT NOT NULL, state TEXT NOT NULL, proposed INTEGER NOT NULL,
  survivor ANY, decided INTEGER, decided_ms INTEGER, decided_by TEXT) STRICT;
CREATE INDEX ds_duplicate_first ON ds_duplicate (table_name, first);
CREATE INDEX ds_duplicate_second ON ds_duplicate (table_name, second);
CREATE INDEX ds_duplicate_open ON ds_duplicate (proposed) WHERE state = 'open';
CREATE INDEX ds_duplicate_newest ON ds_duplicate (proposed);
CREATE TABLE ds_redirect (
  table_name TEXT NOT NULL, loser ANY NOT NULL, survivor ANY NOT NULL, pair BLOB NOT NULL,
  merged_position INTEGER NOT NULL, image BLOB NOT NULL, ds_scope INTEGER NOT NULL,
  ds_position INTEGER NOT NULL, ds_since INTEGER, ds_base_position INTEGER, ds_author INTEGER NOT NULL,
  ds_stamp INTEGER NOT NULL, ds_stamp_lo INTEGER, ds_cells BLOB,
  PRIMARY KEY (table_name, loser)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_redirected_reference (
  table_name TEXT NOT NULL, loser ANY NOT NULL, row_table TEXT NOT NULL, row_key ANY NOT NULL,
  column_name TEXT NOT NULL, author INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (table_name, loser, row_table, row_key, column_name, author, position)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_redirected_write (
  number INTEGER PRIMARY KEY, table_name TEXT NOT NULL, loser ANY NOT NULL, author INTEGER NOT NULL,
  position INTEGER NOT NULL, stamp INTEGER NOT NULL, stamp_lo INTEGER, body BLOB NOT NULL) STRICT;
CREATE INDEX ds_redirected_write_loser ON ds_redirected_write (table_name, loser);
CREATE TABLE ds_digest (
  ds_scope INTEGER NOT NULL, table_name TEXT NOT NULL, sums BLOB NOT NULL,
  PRIMARY KEY (ds_scope, table_name)) STRICT, WITHOUT ROWID;
)sql";

std::size_t parameters_of_row(const Table& table) {
  return 1 + table.columns.size() + std::size_t{hub_version_columns};
}

// More gain little: what opening a table and its indexes costs is shared by enough.
std::size_t rows_at_once(const Table& table) {
  constexpr std::size_t rows_max = 16;
  constexpr std::size_t parameters_max = 1'000;
  return std::clamp<std::size_t>(parameters_max / parameters_of_row(table), 1, rows_max);
}

std::string insert_sql(const Table& table, std::size_t rows) {
  // A failure is the end of the whole commit. So SQLite need not keep what each page was before the
  // statement, as it does for one that may fail at its second row.
  const std::string begin = rows > 1 ? "INSERT OR FAIL INTO " : "INSERT INTO ";
  std::string row = "(?";
  for (std::size_t i = 1; i < parameters_of_row(table); ++i) row += ", ?";
  row += ")";
  std::string sql = begin + quote_identifier(table.name) + " (" + sqlite::column_list(table) +
                    ", " + std::string(version_columns) + ") VALUES " + row;
  for (std::size_t i = 1; i < rows; ++i) sql += ", " + row;
  return sql;
}

std::string next_keys_sql(const Table& table) {
  const std::string key = quote_identifier(table.key);
  const std::string next = " WHERE table_name = ?2 AND row_key > ?1 ORDER BY row_key LIMIT 1)";
  return "SELECT (SELECT " + key + " FROM " + quote_identifier(table.name) + " WHERE " + key +
         " > ?1 ORDER BY " + key + " LIMIT 1), (SELECT row_key FROM ds_tombstone" + next +
         ", (SELECT row_key FROM ds_dead" + next;
}

std::string upsert_sql(const Table& table) {
  std::string sql =
      insert_sql(table, 1) + " ON CONFLICT (" + quote_identifier(table.key) + ") DO UPDATE SET ";
  for (const Column& column : table.columns) {
    const std::string name = quote_identifier(column.name);
    sql += name + " = excluded." + name + ", ";
  }
  sql +=
      "ds_scope = excluded.ds_scope, ds_position = excluded.ds_position, ds_since = "
      "excluded.ds_since, "
      "ds_base_position = excluded.ds_base_position, ds_author = excluded.ds_author, "
      "ds_stamp = excluded.ds_stamp, ds_stamp_lo = excluded.ds_stamp_lo, ds_cells = "
      "excluded.ds_cells";
  return sql;
}

/// Leaves the indexes of references alone, and finds no row when one of them is another now.
std::string update_sql(const Table& table) {
  std::string sql = "UPDATE " + quote_identifier(table.name) + " SET ";
  std::string where = " WHERE " + quote_identifier(table.key) + " = ?1";
  int parameter = 2;
  for (const Column& column : table.columns) {
    const std::string name = quote_identifier(column.name);
    const std::string value = " ?" + std::to_string(parameter++);
    if (column.references) {
      where += " AND " + name + " IS" + value;
    } else {
      sql += name + " =" + value + ", ";
    }
  }
  sql += "(" + std::string(version_columns) + ") = (";
  for (int i = 0; i < hub_version_columns; ++i)
    sql += (i > 0 ? ", ?" : "?") + std::to_string(parameter++);
  return sql + ")" + where;
}

HubTableSql statements_of(const Table& table) {
  const std::string name = quote_identifier(table.name);
  const std::string key = quote_identifier(table.key);
  const std::string select = "SELECT " + sqlite::column_list(table) + ", " +
                             std::string(version_columns) + " FROM " + name;
  HubTableSql sql;
  sql.select_by_key = select + " WHERE " + key + " = ?1";
  sql.select_by_row = select + " WHERE ds_row = ?1";
  sql.select_scope = select + " WHERE ds_scope = ?1";
  sql.upsert = upsert_sql(table);
  sql.rows_at_once = rows_at_once(table);
  sql.insert_several = insert_sql(table, sql.rows_at_once);
  sql.next_keys = next_keys_sql(table);
  sql.update = update_sql(table);
  sql.remove = "DELETE FROM " + name + " WHERE " + key + " = ?1";
  for (const Column& column : table.columns) {
    sql.children.push_back("SELECT " + key + " FROM " + name + " WHERE " +
                           quote_identifier(column.name) + " = ?1 ORDER BY 1");
  }
  return sql;
}

HubFeedPart feed_part_of(std::string name, std::string_view table_name, std::string_view condition,
                         std::string item) {
  HubFeedPart part;
  part.name = std::move(name);
  const std::string select =
      "SELECT ds_position, ds_row FROM " + quote_identifier(table_name) + " WHERE ds_scope = ?1";
  const std::string rest = std::string(condition) + " ORDER BY ds_position, ds_row LIMIT ?5";
  part.within = select + " AND ds_position = ?2 AND ds_row > ?3" + rest;
  part.beyond = select + " AND ds_position > ?2 AND ds_position <= ?4" + rest;
  part.count_within = "SELECT count(*) FROM (" + part.within + ")";
  part.count_beyond = "SELECT count(*) FROM (" + part.beyond + ")";
  part.item = std::move(item);
  return part;
}

std::string beyond_own_sql(const Table& table) {
  const std::string met = DS_DEFECT("met_row_left_out") ? "" : " AND ds_cells IS NULL";
  return "SELECT ds_position, ds_row, ds_author = ?3 AND ds_since IS NULL"
         " AND ds_base_position IS NULL" +
         met + ", " + quote_identifier(table.key) + " FROM " + quote_identifier(table.name) +
         " WHERE ds_scope = ?1 AND ds_position > ?2 AND ds_position <= ?4"
         " ORDER BY ds_position, ds_row";
}

std::vector<HubFeedPart> feed_parts_of(const HubSql& sql) {
  const std::string by_row = "WHERE ds_row = ?1";
  std::vector<HubFeedPart> parts;
  for (std::size_t i = 0; i < sql.tables.size(); ++i) {
    const std::string& name = sql.schema.tables()[i].name;
    parts.push_back(feed_part_of(name, name, "", sql.tables[i].select_by_row));
    parts.back().table = TableId{static_cast<std::uint16_t>(i)};
    parts.back().beyond_own = beyond_own_sql(sql.schema.tables()[i]);
  }
  parts.push_back(feed_part_of(std::string(feed_part::conflicts), "ds_conflict",
                               " AND state <> 'auto' AND (withdrawn = 0 OR ds_position > ?6)",
                               std::string(select_conflict()) + by_row));
  parts.push_back(feed_part_of(std::string(feed_part::departures), "ds_departure", "",
                               std::string(select_departure()) + by_row));
  parts.back().removals = true;
  parts.push_back(feed_part_of(std::string(feed_part::tombstones), "ds_tombstone", "",
                               std::string(select_tombstone()) + by_row));
  parts.back().removals = true;
  std::sort(parts.begin(), parts.end(),
            [](const HubFeedPart& a, const HubFeedPart& b) { return a.name < b.name; });
  return parts;
}

Status put_meta(sqlite::Statement& statement, std::string_view name, const Value& value) {
  statement.bind(1, name);
  statement.bind(2, value);
  return statement.run();
}

}  // namespace

std::string hub_reference_index_ddl(const Table& table, const Column& column) {
  const std::string name = quote_identifier(column.name);
  return "CREATE INDEX " + quote_identifier("ds_by_" + table.name + "." + column.name) + " ON " +
         quote_identifier(table.name) + " (" + name + ") WHERE " + name + " IS NOT NULL;\n";
}

std::string hub_table_ddl(const Table& table) {
  const std::string name = quote_identifier(table.name);
  std::string sql =
      "CREATE TABLE " + name + " (ds_row INTEGER PRIMARY KEY, " +
      sqlite::column_definitions(table) +
      ", ds_scope INTEGER NOT NULL, ds_position INTEGER NOT NULL, ds_since INTEGER"
      ", ds_base_position INTEGER, ds_author INTEGER NOT NULL, ds_stamp INTEGER NOT NULL"
      ", ds_stamp_lo INTEGER, ds_cells BLOB) STRICT;\n";
  sql += "CREATE INDEX " + quote_identifier("ds_feed_" + table.name) + " ON " + name +
         " (ds_scope, ds_position);\n";
  for (const Column& column : table.columns) {
    if (column.references) sql += hub_reference_index_ddl(table, column);
  }
  return sql;
}

std::string app_view_ddl(const Schema& schema, const Table& table) {
  const std::string view = table.name + "_app";
  if (schema.find_table(view)) return {};
  return "CREATE VIEW " + quote_identifier(view) + " AS SELECT " + sqlite::column_list(table) +
         " FROM " + quote_identifier(table.name) + ";\n";
}

std::string drop_app_view_ddl(const Schema& schema, const Table& table) {
  const std::string view = table.name + "_app";
  if (schema.find_table(view)) return {};
  return "DROP VIEW IF EXISTS " + quote_identifier(view);
}

Result<std::int64_t> put_hub_schema(sqlite::Database& db, const Schema& schema, Position since,
                                    Instant now) {
  DS_ASSIGN(sqlite::Statement insert,
            db.prepare("INSERT INTO ds_schema (fingerprint, version, position, time_ms, source)"
                       " VALUES (?1, ?2, ?3, ?4, ?5) RETURNING number"));
  const Fingerprint fingerprint = schema.fingerprint();
  insert.bind(1, fingerprint.view());
  insert.bind(2, std::int64_t{schema.version()});
  insert.bind(3, since);
  insert.bind(4, now.ms);
  insert.bind(5, std::string_view(schema.source()));
  DS_ASSIGN(const bool row, insert.step());
  DS_ASSERT(row);
  const std::int64_t number = insert.integer(0);
  DS_ASSIGN(const bool more, insert.step());
  DS_ASSERT(!more);
  return number;
}

HubSql::HubSql(SchemaHistory history, std::int64_t number_in)
    : number(number_in), schemas(std::move(history)), schema(schemas.newest()) {
  for (const Table& table : schema.tables()) tables.push_back(statements_of(table));
  feed_parts = feed_parts_of(*this);
}

Status create_hub_tables(sqlite::Database& db, const Schema& schema, const HubIdentity& identity) {
  DS_TRY(db.run(bookkeeping_tables));
  for (const Table& table : schema.tables()) DS_TRY(db.run(hub_table_ddl(table)));
  for (const Table& table : schema.tables()) DS_TRY(db.run(app_view_ddl(schema, table)));
  DS_TRY(db.run("PRAGMA application_id = " + std::to_string(hub_application_id)));
  DS_TRY(db.run("PRAGMA user_version = " + std::to_string(hub_format_version)));
  DS_ASSIGN(sqlite::Statement insert,
            db.prepare("INSERT INTO ds_meta (name, value) VALUES (?1, ?2)"));
  DS_TRY(put_meta(insert, "hub_id", Value::blob(identity.id.view())));
  DS_TRY(put_meta(insert, "hub_name", Value::text(identity.name)));
  DS_TRY(put_meta(insert, "private_seed", Value::blob(identity.keys.seed.view())));
  DS_TRY(put_meta(insert, "public_key", Value::blob(identity.keys.public_key.view())));
  DS_TRY(put_epoch(db, {identity.epoch}));
  DS_ASSIGN(const std::int64_t number, put_hub_schema(db, schema, Position{}, Instant{}));
  DS_ASSERT(number == first_schema_number);
  return {};
}

Result<HubIdentity> read_hub_identity(sqlite::Database& db) {
  HubIdentity identity;
  int known = 0;
  DS_ASSIGN(sqlite::Statement all, db.prepare("SELECT name, value FROM ds_meta"));
  for (;;) {
    DS_ASSIGN(const bool row, all.step());
    if (!row) break;
    const std::string_view name = all.text(0);
    ++known;
    if (name == "hub_id") {
      identity.id = all.id<HubId>(1);
    } else if (name == "hub_name") {
      identity.name = all.text(1);
    } else if (name == "private_seed") {
      identity.keys.seed = all.id<Nonce>(1);
    } else if (name == "public_key") {
      identity.keys.public_key = all.id<PublicKey>(1);
    } else {
      --known;
    }
  }
  if (known != 4) return error(ErrorCode::corrupt, "ds_meta does not say who this hub is");
  DS_ASSIGN(identity.epoch, read_epoch(db));
  return identity;
}

}  // namespace doorstep
