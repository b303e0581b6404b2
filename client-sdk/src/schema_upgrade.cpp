#include "client-sdk/src/schema_upgrade.hpp"

#include <utility>

#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/replica_tables.hpp"
#include "client-sdk/src/schema_source.hpp"
#include "client-sdk/src/schema_text.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/schema_difference.hpp"
#include "engine/ports/fault.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep {
namespace {

using sqlite::quote_identifier;

Status add_device_columns(sqlite::Database& db, const Table& before, const Table& after) {
  for (const Column& column : after.columns) {
    if (before.find_column(column.name)) continue;
    DS_TRY(db.run("ALTER TABLE " + quote_identifier(after.name) + " ADD COLUMN " +
                  quote_identifier(column.name) + " " +
                  std::string(sqlite::storage_type(column.type))));
  }
  return {};
}

Status write_guard(sqlite::Database& db, const Guard& guard) {
  DS_ASSIGN(auto find, db.prepare("SELECT sql FROM sqlite_schema WHERE name = ?1"));
  find.bind(1, std::string_view(guard.name));
  DS_ASSIGN(const bool found, find.step());
  const bool same = found && find.text(0) == guard.ddl;
  find.reset();
  if (same) return {};
  if (found) DS_TRY(db.run("DROP TRIGGER " + quote_identifier(guard.name)));
  return db.run(guard.ddl);
}

Status grow_tables(sqlite::Database& db, const Schema& from, const Schema& to) {
  for (const Table& table : to.tables()) {
    if (const auto before = from.find_table(table.name)) {
      DS_TRY(add_device_columns(db, from.table(*before), table));
    } else {
      DS_TRY(db.run(sqlite::device_table_ddl(table)));
    }
  }
  // A new table may hang on an old one, whose rows then take its rows along when they go.
  for (std::uint16_t i = 0; i < to.tables().size(); ++i) {
    for (const Guard& guard : guards_of(to.table(TableId{i}))) DS_TRY(write_guard(db, guard));
    for (const Guard& trigger : take_along_triggers_of(to, TableId{i}))
      DS_TRY(write_guard(db, trigger));
  }
  return {};
}

// Until the next checkpoint has brought them, they count as not seen (SEMANTICS B3).
Status note_new_columns(sqlite::Database& db, const std::vector<NewColumn>& columns) {
  DS_ASSIGN(auto put, db.prepare("INSERT OR IGNORE INTO ds_meta (key)"
                                 " VALUES ('fill:' || ?1 || '.' || ?2)"));
  for (const NewColumn& one : columns) {
    put.bind(1, std::string_view(one.table));
    put.bind(2, std::string_view(one.column));
    DS_TRY(put.run());
  }
  // What is staged belongs to a pull that did not ask for them.
  return db.run("DELETE FROM ds_stage");
}

Status record_schema(sqlite::Database& db, const Schema& from, std::string_view text) {
  DS_TRY(save_schema_text(db, text));
  // Of the schema that is seen whole; kept over several upgrades without a checkpoint.
  DS_ASSIGN(auto advance, db.prepare("UPDATE ds_state SET schema_number = schema_number + 1,"
                                     " view = ifnull(view, ?1)"));
  const Fingerprint view = from.fingerprint();
  advance.bind(1, view.view());
  DS_TRY(advance.run());
  return seal_state(db);
}

std::string all_reasons(const SchemaDifference& difference) {
  std::string out;
  for (const std::string& reason : difference.refused) out += (out.empty() ? "" : "; ") + reason;
  return out;
}

std::string words_for(const SchemaDifference::Addition& addition) {
  std::string out(name_of(addition.kind));
  if (!addition.table.empty()) out += " " + addition.table;
  if (!addition.name.empty()) out += (addition.table.empty() ? " " : ".") + addition.name;
  return out;
}

}  // namespace

Result<SchemaUpgrade> apply_schema_text(const std::string& path, std::string_view text,
                                        const ReplicaOptions& options, const ReplicaSeams& seams) {
  DS_ASSIGN(const Schema to, load_schema_source(text, seams));
  DS_ASSIGN(auto file, open_replica_file(path, ReplicaAccess::write, options, seams));
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file.db));
  // Under the lock: another process may have been faster.
  DS_ASSIGN(const std::string now, load_schema_text(file.db));
  DS_ASSIGN(const Schema from, load_schema_source(now, seams));
  const SchemaDifference difference = difference_of(from, to);
  if (!difference.is_additive()) return error(ErrorCode::schema_refused, all_reasons(difference));
  SchemaUpgrade upgrade{from.version(), to.version(), {}};
  for (const auto& addition : difference.added) upgrade.added.push_back(words_for(addition));
  if (difference.is_empty() && now == text) return upgrade;
  DS_TRY(grow_tables(file.db, from, to));
  if (DS_DEFECT("upgrade_in_two_commits")) DS_TRY(file.db.run("COMMIT; BEGIN IMMEDIATE"));
  DS_TRY(note_new_columns(file.db, difference.columns));
  DS_TRY(record_schema(file.db, from, text));
  DS_FAULT("replica.schema.before_commit");
  DS_TRY(transaction.commit());
  return upgrade;
}

Result<std::int64_t> schema_number_of(sqlite::Database& db) {
  DS_ASSIGN(const auto number, db.one_kept("SELECT schema_number FROM ds_state"));
  if (!number || number->kind() != Value::Kind::integer) {
    return error(ErrorCode::corrupt, "ds_state is empty");
  }
  return number->as_integer();
}

Result<std::string> hub_schema_text(sqlite::Database& db) {
  DS_ASSIGN(const auto text, db.one("SELECT value FROM ds_meta WHERE key = 'hub_schema'"));
  return text && text->kind() == Value::Kind::text ? std::string(text->as_text()) : std::string();
}

Result<Fingerprint> hub_schema_fingerprint(sqlite::Database& db) {
  DS_ASSIGN(const auto bytes,
            db.one_kept("SELECT value FROM ds_meta WHERE key = 'hub_schema_fingerprint'"));
  if (!bytes || bytes->kind() != Value::Kind::blob) return Fingerprint{};
  return Fingerprint::from(bytes->as_blob()).value_or(Fingerprint{});
}

Status keep_hub_schema(sqlite::Database& db, const Fingerprint& fingerprint,
                       std::string_view text) {
  DS_TRY(save_meta(db, "hub_schema", Value::text(text)));
  return save_meta(db, "hub_schema_fingerprint", Value::blob(fingerprint.view()));
}

Status check_fits_hub(const Schema& own, std::string_view text, const ReplicaSeams& seams) {
  DS_ASSIGN(const Schema hub, load_schema_source(text, seams));
  const SchemaDifference difference = difference_of(hub, own);
  if (difference.is_additive()) return {};
  return error(ErrorCode::schema_mismatch, all_reasons(difference));
}

Status read_schema_status(sqlite::Database& db, const Schema& schema, const ReplicaSeams& seams,
                          ReplicaStatus& status) {
  status.schema_version = schema.version();
  DS_ASSIGN(const auto waiting, db.one("SELECT count(*) FROM ds_meta WHERE key GLOB 'fill:*'"));
  status.columns_to_fill = waiting ? static_cast<std::uint64_t>(waiting->as_integer()) : 0;
  DS_ASSIGN(const Fingerprint hub, hub_schema_fingerprint(db));
  if (hub.is_none() || hub == schema.fingerprint()) return {};
  DS_ASSIGN(const std::string text, hub_schema_text(db));
  const auto other = load_schema_source(text, seams);
  if (other && other->version() > schema.version()) status.newer_schema = other->version();
  return {};
}

}  // namespace doorstep
