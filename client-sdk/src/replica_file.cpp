#include "client-sdk/src/replica_file.hpp"

#include <map>

#include "client-sdk/src/damage.hpp"
#include "client-sdk/src/damaged_log.hpp"
#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/replica_tables.hpp"
#include "client-sdk/src/schema_source.hpp"
#include "client-sdk/src/schema_text.hpp"
#include "client-sdk/src/schema_upgrade.hpp"
#include "client-sdk/src/sql_functions.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/defect.hpp"
#include "engine/sqlite/ddl.hpp"
#include "engine/sqlite/log_sync.hpp"

namespace doorstep {
namespace {

Result<std::int64_t> number_of(sqlite::Database& db, std::string_view sql) {
  DS_ASSIGN(const auto value, db.one(sql));
  if (!value || value->kind() != Value::Kind::integer)
    return error(ErrorCode::corrupt, std::string(sql));
  return value->as_integer();
}

Status write_enrolment(sqlite::Database& db, const NewReplica& replica) {
  DS_TRY(save_schema_text(db, replica.schema));
  DS_TRY(save_meta(db, meta::device, Value::blob(replica.device.view())));
  DS_TRY(save_meta(db, meta::device_name, Value::text(std::string_view(replica.device_name))));
  DS_TRY(save_meta(db, meta::role, Value::text(std::string_view(replica.role))));
  DS_TRY(save_meta(db, meta::key_seed, Value::blob(replica.keys.seed.view())));
  DS_TRY(save_meta(db, meta::hub, Value::blob(replica.hub.view())));
  DS_TRY(save_meta(db, meta::hub_name, Value::text(std::string_view(replica.hub_name))));
  DS_TRY(save_meta(db, meta::hub_url, Value::text(std::string_view(replica.hub_url))));
  DS_TRY(save_meta(db, meta::hub_key, Value::blob(replica.hub_key.view())));
  DS_TRY(keep_identity_sum(db));
  DS_TRY(save_meta(db, meta::format, Value::integer(replica_format)));
  DS_ASSIGN(auto grant, db.prepare("INSERT INTO ds_scope (scope, granted) VALUES (?1, 1)"));
  for (const ScopeId& scope : replica.scopes) {
    grant.bind(1, std::string_view(scope.code));
    DS_TRY(grant.run());
  }
  return seal_state(db);
}

Status write_tables(sqlite::Database& db, const Schema& schema) {
  DS_TRY(db.run(bookkeeping_ddl()));
  for (std::uint16_t i = 0; i < schema.tables().size(); ++i) {
    const Table& table = schema.table(TableId{i});
    DS_TRY(db.run(sqlite::device_table_ddl(table)));
    for (const Guard& guard : guards_of(table)) DS_TRY(db.run(guard.ddl));
    for (const Guard& trigger : take_along_triggers_of(schema, TableId{i}))
      DS_TRY(db.run(trigger.ddl));
  }
  return {};
}

Status set_up_connection(sqlite::Database& db, ReplicaAccess access,
                         const ReplicaOptions& options) {
  if (access == ReplicaAccess::read) return db.run("PRAGMA query_only = ON");
  // A long reader may let the WAL grow; it is cut back to this when it is reset.
  DS_TRY(db.run("PRAGMA journal_size_limit = 4194304"));
  if (DS_DEFECT("phone_not_synced")) return db.run("PRAGMA synchronous = OFF");
  return db.run(options.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                         : "PRAGMA synchronous = NORMAL");
}

Status check_identity(sqlite::Database& db, const std::string& path) {
  auto application = number_of(db, "PRAGMA application_id");
  if (!application) {
    // SQLite says "file is not a database" only now.
    if (application.error().code == ErrorCode::corrupt)
      return error(ErrorCode::not_a_replica, path);
    return application.error();
  }
  if (*application != replica_application_id) return error(ErrorCode::not_a_replica, path);
  DS_ASSIGN(const auto format, number_of(db, "PRAGMA user_version"));
  if (format != replica_format) {
    const auto written = load_meta(db, meta::format);
    if (written && *written == Value::integer(replica_format))
      return error(ErrorCode::corrupt, path + ": the file's header is damaged");
    return error(ErrorCode::replica_version, path + ": format " + std::to_string(format) +
                                                 ", this is " + std::to_string(replica_format));
  }
  return {};
}

Result<ReplicaFile> open_sound_file(const std::string& path, ReplicaAccess access,
                                    const ReplicaOptions& options, const ReplicaSeams& seams) {
  if (access == ReplicaAccess::write) DS_TRY(check_log(path, files_of(seams)));
  sqlite::OpenOptions how;
  how.read_only = access == ReplicaAccess::read;
  how.busy_timeout_ms = options.busy_timeout_ms;
  DS_ASSIGN(auto db, sqlite::Database::open(path, how));
  DS_TRY(check_identity(db, path));
  if (access == ReplicaAccess::write) DS_TRY(check_trees(db, path, files_of(seams)));
  DS_TRY(set_up_connection(db, access, options));
  if (seams.pages_max > 0) {
    DS_TRY(db.run("PRAGMA max_page_count = " + std::to_string(seams.pages_max)));
  }
  DS_TRY(register_sql_functions(db, clock_of(seams), random_of(seams),
                                access == ReplicaAccess::write));
  ReplicaFile file{std::move(db), {}, 0};
  // One state of the file: another process may bring a newer schema at this moment.
  DS_TRY(file.db.run("BEGIN"));
  DS_TRY(refresh_schema(file, seams));
  DS_TRY(check_identity_sum(file.db));
  if (const auto state = load_state(file.db); !state) return state.error();
  if (access == ReplicaAccess::write) {
    DS_ASSIGN(const auto altered, altered_objects(file.db, file.schema));
    if (!altered.empty()) return error(ErrorCode::guard_missing, altered.front());
  }
  DS_TRY(file.db.run("ROLLBACK"));
  if (access == ReplicaAccess::write) DS_TRY(sqlite::sync_log(file.db));
  return file;
}

}  // namespace

Status create_replica(const std::string& path, const NewReplica& replica,
                      const ReplicaSeams& seams) {
  DS_ASSIGN(const Schema schema, load_schema_source(replica.schema, seams));
  // Of ours, so that nobody else can read the keys that go into it.
  DS_TRY(files_of(seams).make_private(path));
  DS_ASSIGN(auto db, sqlite::Database::open(path, {}));
  auto objects = number_of(db, "SELECT count(*) FROM sqlite_schema");
  if (!objects || *objects != 0) return error(ErrorCode::already_exists, path);
  DS_TRY(db.run(
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(db));
  // Again under the lock: another process may have been faster.
  DS_ASSIGN(const auto objects_now, number_of(db, "SELECT count(*) FROM sqlite_schema"));
  if (objects_now != 0) return error(ErrorCode::already_exists, path);
  DS_TRY(write_tables(db, schema));
  DS_TRY(write_enrolment(db, replica));
  DS_TRY(db.run("PRAGMA application_id = " + std::to_string(replica_application_id)));
  DS_TRY(db.run("PRAGMA user_version = " + std::to_string(replica_format)));
  return transaction.commit();
}

Result<ReplicaFile> open_replica_file(const std::string& path, ReplicaAccess access,
                                      const ReplicaOptions& options, const ReplicaSeams& seams) {
  const ReplicaFiles& files = files_of(seams);
  DS_TRY(check_no_rescue(path, files));
  if (!files.exists(path)) return error(ErrorCode::not_a_replica, path + ": no such file");
  if (access == ReplicaAccess::write) DS_TRY(files.may_write(path));
  auto opened = open_sound_file(path, access, options, seams);
  if (!opened) return as_damage(opened.error(), path, files);
  return opened;
}

Result<bool> refresh_schema(ReplicaFile& file, const ReplicaSeams& seams) {
  DS_ASSIGN(const std::int64_t number, schema_number_of(file.db));
  if (number == file.schema_number) return false;
  DS_ASSIGN(const std::string source, load_schema_text(file.db));
  DS_ASSIGN(file.schema, load_schema_source(source, seams));
  file.schema_number = number;
  return true;
}

Result<std::vector<std::string>> altered_objects(sqlite::Database& db, const Schema& schema) {
  std::map<std::string, std::string, std::less<>> found;
  DS_ASSIGN(auto read, db.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"));
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) break;
    found.emplace(std::string(read.text(0)), std::string(read.text(1)));
  }
  std::vector<std::string> altered;
  const auto compare = [&](std::string_view what, const std::string& name, const std::string& ddl) {
    const auto place = found.find(name);
    if (place == found.end()) {
      altered.push_back(std::string(what) + name + " is missing");
    } else if (place->second != ddl) {
      altered.push_back(std::string(what) + name + " was altered");
    }
  };
  for (std::uint16_t i = 0; i < schema.tables().size(); ++i) {
    const Table& table = schema.table(TableId{i});
    compare("table ", table.name, sqlite::device_table_ddl(table));
    for (const Guard& guard : guards_of(table)) compare("guard ", guard.name, guard.ddl);
    for (const Guard& trigger : take_along_triggers_of(schema, TableId{i}))
      compare("trigger ", trigger.name, trigger.ddl);
  }
  return altered;
}

Status shrink_when_idle(sqlite::Database& db) {
  DS_ASSIGN(const auto waiting,
            db.one_kept("SELECT 1 FROM ds_outbox UNION ALL SELECT 1 FROM ds_stage LIMIT 1"));
  if (waiting) return {};
  DS_ASSIGN(const auto unused, db.one_kept("PRAGMA freelist_count"));
  if (unused == Value::integer(0)) return {};
  return db.run("PRAGMA incremental_vacuum");
}

Result<HubAddress> hub_address(const std::string& path) {
  if (!system_files().exists(path)) {
    return error(ErrorCode::not_a_replica, path + ": no such file");
  }
  sqlite::OpenOptions how;
  how.read_only = true;
  DS_ASSIGN(auto db, sqlite::Database::open(path, how));
  DS_TRY(check_identity(db, path));
  HubAddress address;
  DS_ASSIGN(address.url, load_meta_text(db, meta::hub_url));
  DS_ASSIGN(address.name, load_meta_text(db, meta::hub_name));
  return address;
}

}  // namespace doorstep
