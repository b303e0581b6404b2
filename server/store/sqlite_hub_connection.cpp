#include "server/store/sqlite_hub_connection.hpp"

#include <sqlite3.h>

#include <memory>
#include <utility>

#include "engine/core/defect.hpp"

namespace doorstep {

namespace {

// The writer holds what one group commit touches; a reader mostly walks forward.
constexpr std::string_view writer_pragmas =
    "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = "
    "67108864";
constexpr std::string_view reader_pragmas = "PRAGMA cache_size = -16384; PRAGMA query_only = ON";

Status set_up(sqlite::Database& db, HubConnection::Use use, const SqliteHubOptions& options) {
  // Rows are written as merged: a trigger that somebody put on the hub's tables must not change
  // them (SEMANTICS C3).
  if (sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr) != SQLITE_OK) {
    return error(ErrorCode::internal, "SQLite does not let triggers be turned off");
  }
  DS_TRY(
      db.run("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF"));
  if (use == HubConnection::Use::read) return db.run(reader_pragmas);
  DS_TRY(db.run(writer_pragmas));
  if (DS_DEFECT("ack_before_durable")) return db.run("PRAGMA synchronous = OFF");
  DS_TRY(db.run(options.synchronous_normal ? "PRAGMA synchronous = NORMAL"
                                           : "PRAGMA synchronous = FULL"));
  if (options.page_count_max > 0) {
    DS_TRY(db.run("PRAGMA max_page_count = " + std::to_string(options.page_count_max)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<HubConnection>> HubConnection::open(const std::filesystem::path& file,
                                                           Use use,
                                                           const SqliteHubOptions& options) {
  sqlite::OpenOptions open_options;
  open_options.busy_timeout_ms = options.busy_timeout_ms;
  DS_ASSIGN(sqlite::Database db, sqlite::Database::open(file.string(), open_options));
  DS_TRY(set_up(db, use, options));
  return std::unique_ptr<HubConnection>(new HubConnection(std::move(db)));
}

Result<HubQuery> HubConnection::query(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    DS_ASSIGN(sqlite::Statement statement, db_.prepare(sql, true));
    found = statements_.emplace(std::string(sql), std::move(statement)).first;
  }
  return HubQuery(found->second);
}

Result<std::optional<std::int64_t>> HubConnection::find_scope(const ScopeId& scope) {
  if (const auto known = scope_numbers_.find(scope); known != scope_numbers_.end()) {
    return std::optional(known->second);
  }
  DS_ASSIGN(const HubQuery find, query("SELECT scope FROM ds_scope WHERE code = ?1"));
  find->bind(1, std::string_view(scope.code));
  DS_ASSIGN(const bool row, find->step());
  if (!row) return std::optional<std::int64_t>();
  const std::int64_t number = find->integer(0);
  scope_numbers_.emplace(scope, number);
  return std::optional(number);
}

Result<std::optional<std::int64_t>> HubConnection::find_device(const DeviceId& device) {
  if (const auto known = device_numbers_.find(device); known != device_numbers_.end()) {
    return std::optional(known->second);
  }
  DS_ASSIGN(const HubQuery find, query("SELECT device FROM ds_device WHERE id = ?1"));
  find->bind(1, device.view());
  DS_ASSIGN(const bool row, find->step());
  if (!row) return std::optional<std::int64_t>();
  const std::int64_t number = find->integer(0);
  device_numbers_.emplace(device, number);
  return std::optional(number);
}

Result<std::int64_t> HubConnection::number_of(const ScopeId& scope) {
  DS_ASSIGN(const std::optional<std::int64_t> known, find_scope(scope));
  if (known) return *known;
  DS_ASSIGN(const HubQuery insert,
            query("INSERT INTO ds_scope (code) VALUES (?1) RETURNING scope"));
  insert->bind(1, std::string_view(scope.code));
  DS_ASSIGN(const bool row, insert->step());
  DS_ASSERT(row);
  const std::int64_t number = insert->integer(0);
  scope_numbers_.emplace(scope, number);
  return number;
}

Result<std::int64_t> HubConnection::number_of(const DeviceId& device) {
  DS_ASSIGN(const std::optional<std::int64_t> known, find_device(device));
  if (known) return *known;
  DS_ASSIGN(const HubQuery insert,
            query("INSERT INTO ds_device (id) VALUES (?1) RETURNING device"));
  insert->bind(1, device.view());
  DS_ASSIGN(const bool row, insert->step());
  DS_ASSERT(row);
  const std::int64_t number = insert->integer(0);
  device_numbers_.emplace(device, number);
  return number;
}

Result<ScopeId> HubConnection::scope_of(std::int64_t number) {
  if (const auto known = scopes_.find(number); known != scopes_.end()) return known->second;
  DS_ASSIGN(const HubQuery find, query("SELECT code FROM ds_scope WHERE scope = ?1"));
  find->bind(1, number);
  DS_ASSIGN(const bool row, find->step());
  if (!row) return error(ErrorCode::corrupt, "scope " + std::to_string(number) + " has no code");
  return scopes_.emplace(number, ScopeId{std::string(find->text(0))}).first->second;
}

Result<DeviceId> HubConnection::device_of(std::int64_t number) {
  if (const auto known = devices_.find(number); known != devices_.end()) return known->second;
  DS_ASSIGN(const HubQuery find, query("SELECT id FROM ds_device WHERE device = ?1"));
  find->bind(1, number);
  DS_ASSIGN(const bool row, find->step());
  if (!row) return error(ErrorCode::corrupt, "device " + std::to_string(number) + " has no id");
  return devices_.emplace(number, find->id<DeviceId>(0)).first->second;
}

void HubConnection::forget_numbers() {
  scope_numbers_.clear();
  scopes_.clear();
  device_numbers_.clear();
  devices_.clear();
}

}  // namespace doorstep
