#include "client-sdk/src/replica_tables.hpp"

#include "engine/sqlite/database.hpp"

namespace doorstep {

std::string_view bookkeeping_ddl() {
  // What each holds stands in docs/storage.md.
  static constexpr std::string_view ddl = R"sql(
CREATE TABLE ds_meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE ds_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL DEFAULT 0, token BLOB, last_sequence INTEGER NOT NULL DEFAULT 0, head BLOB,
  acknowledged INTEGER NOT NULL DEFAULT 0, included INTEGER NOT NULL DEFAULT 0,
  digest BLOB, digest_matched INTEGER NOT NULL DEFAULT 0, hub_seen_ms INTEGER NOT NULL DEFAULT 0,
  met_hub_ms INTEGER, met_wall_ms INTEGER, met_boot BLOB, met_boot_ms INTEGER,
  last_sync_ms INTEGER, copies INTEGER NOT NULL DEFAULT 0, waits_for TEXT,
  schema_number INTEGER NOT NULL DEFAULT 1, view BLOB, earlier INTEGER NOT NULL DEFAULT 0,
  recovery INTEGER NOT NULL DEFAULT 0, unheld INTEGER NOT NULL DEFAULT 0, unheld_hash BLOB,
  lost_after INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0,
  recovering INTEGER NOT NULL DEFAULT 0, sum BLOB) STRICT;
CREATE TABLE ds_outbox (
  sequence INTEGER PRIMARY KEY, hash BLOB NOT NULL, mark BLOB, oldest BLOB, newest BLOB,
  body BLOB NOT NULL, was INTEGER, again INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE ds_kept (
  last INTEGER PRIMARY KEY, position INTEGER NOT NULL, at_ms INTEGER NOT NULL, head BLOB NOT NULL,
  pack BLOB NOT NULL) STRICT;
CREATE TABLE ds_pending (
  "table" TEXT, id BLOB, base BLOB, sequences BLOB NOT NULL, carry BLOB NOT NULL, copy BLOB,
  copy_cursor INTEGER, PRIMARY KEY ("table", id)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_stage (
  number INTEGER PRIMARY KEY, position INTEGER NOT NULL, "table" TEXT NOT NULL,
  ordinal INTEGER NOT NULL, started INTEGER NOT NULL, asked BLOB NOT NULL,
  reconcile INTEGER NOT NULL, rows INTEGER NOT NULL, message BLOB NOT NULL) STRICT;
CREATE TABLE ds_scope (
  scope TEXT PRIMARY KEY, granted INTEGER NOT NULL, expected INTEGER NOT NULL DEFAULT 0,
  digest BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE ds_conflict (
  id BLOB PRIMARY KEY, "table" TEXT NOT NULL, "row" ANY NOT NULL, "column" TEXT NOT NULL,
  policy TEXT NOT NULL, winner ANY, loser ANY, winner_author TEXT NOT NULL, loser_author TEXT NOT NULL,
  winner_time TEXT NOT NULL, loser_time TEXT NOT NULL, order_uncertain INTEGER NOT NULL,
  state TEXT NOT NULL, position INTEGER NOT NULL, decided_by TEXT, decided_time TEXT,
  hub_state TEXT NOT NULL, pending INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE ds_departed (
  "table" TEXT, id ANY, "from" TEXT NOT NULL, "to" TEXT, position INTEGER NOT NULL, time TEXT NOT NULL,
  why TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY ("table", id)) STRICT, WITHOUT ROWID;
CREATE TABLE ds_rejected (
  sequence INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL, outcome TEXT NOT NULL,
  reason TEXT NOT NULL, code INTEGER NOT NULL, message TEXT NOT NULL, depends_on INTEGER NOT NULL,
  rule TEXT, verdict BLOB NOT NULL, at_ms INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
  resent_as INTEGER, closed_ms INTEGER, base BLOB, base_parts INTEGER NOT NULL DEFAULT 0,
  base_sent INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE ds_receipt (last INTEGER PRIMARY KEY, position INTEGER, at_ms INTEGER NOT NULL) STRICT;
INSERT INTO ds_state (one) VALUES (1);
)sql";
  return ddl;
}

std::array<Guard, 3> guards_of(const Table& table) {
  const auto guard = [&](std::string_view event, std::string_view suffix) {
    Guard made;
    made.name = "ds_guard_" + table.name + "_" + std::string(suffix);
    made.ddl = "CREATE TRIGGER " + sqlite::quote_identifier(made.name) + " BEFORE " +
               std::string(event) + " ON " + sqlite::quote_identifier(table.name) +
               " BEGIN SELECT write_through_the_doorstep_sdk(); END";
    return made;
  };
  return {guard("INSERT", "insert"), guard("UPDATE", "update"), guard("DELETE", "delete")};
}

std::vector<Guard> take_along_triggers_of(const Schema& schema, TableId table) {
  const Table& parent = schema.table(table);
  std::vector<Guard> triggers;
  for (const Table& child : schema.tables()) {
    if (child.scope.kind != ScopeRule::Kind::via) continue;
    const Column& via = child.column(child.scope.column);
    if (via.references != table) continue;
    Guard made;
    made.name = "ds_take_along_" + parent.name + "_" + child.name;
    made.ddl = "CREATE TRIGGER " + sqlite::quote_identifier(made.name) + " AFTER DELETE ON " +
               sqlite::quote_identifier(parent.name) + " BEGIN DELETE FROM " +
               sqlite::quote_identifier(child.name) + " WHERE " +
               sqlite::quote_identifier(via.name) + " = OLD." +
               sqlite::quote_identifier(parent.key) + "; END";
    triggers.push_back(std::move(made));
  }
  return triggers;
}

}  // namespace doorstep
