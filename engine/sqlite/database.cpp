#include "engine/sqlite/database.hpp"

#include <sqlite3.h>

#include <utility>

namespace doorstep::sqlite {

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Result<Database> Database::open(const std::string& path, const OpenOptions& options) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (options.create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db;
  db.handle_.reset(raw);
  if (code != SQLITE_OK) {
    return error_of(raw, code, path);
  }
  sqlite3_busy_timeout(raw, options.busy_timeout_ms);
  return db;
}

Status Database::run(std::string_view sql) {
  while (true) {
    DS_ASSIGN(auto statement, prepare_next(sql));
    if (!statement) return {};
    DS_TRY(statement->run());
  }
}

Result<std::optional<Statement>> Database::prepare_next(std::string_view& sql) {
  while (!sql.empty()) {
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int code =
        sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), 0, &raw, &tail);
    if (code != SQLITE_OK) return error_of(handle(), code, "");
    sql.remove_prefix(static_cast<std::size_t>(tail - sql.data()));
    if (raw != nullptr) {
      Statement statement;
      statement.handle_.reset(raw);
      return std::optional<Statement>(std::move(statement));
    }
  }
  return std::optional<Statement>();
}

Result<Statement> Database::prepare(std::string_view sql, bool persistent) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                      persistent ? SQLITE_PREPARE_PERSISTENT : 0U, &raw, &tail);
  if (code != SQLITE_OK) return error_of(handle(), code, sql);
  Statement statement;
  statement.handle_.reset(raw);
  if (raw == nullptr) return error(ErrorCode::sql_error, "there is no statement");
  return statement;
}

Result<KeptStatement> Database::kept(std::string_view sql) {
  auto found = kept_.find(sql);
  if (found == kept_.end()) {
    DS_ASSIGN(auto made, prepare(sql, true));
    found = kept_.emplace(std::string(sql), std::move(made)).first;
  }
  if (found->second.is_running()) return error(ErrorCode::internal, "a statement has two users");
  return KeptStatement(found->second);
}

Result<std::optional<Value>> Database::one(std::string_view sql) {
  DS_ASSIGN(auto statement, prepare(sql));
  DS_ASSIGN(const bool row, statement.step());
  if (!row) return std::optional<Value>();
  return std::optional<Value>(statement.value(0));
}

Result<std::optional<Value>> Database::one_kept(std::string_view sql) {
  DS_ASSIGN(const auto statement, kept(sql));
  DS_ASSIGN(const bool row, statement->step());
  if (!row) return std::optional<Value>();
  return std::optional<Value>(statement->value(0));
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
std::int64_t Database::changes() const { return sqlite3_changes64(handle()); }
Error Database::last_error(int code, std::string_view context) const {
  return error_of(handle(), code, context);
}

Result<WriteTransaction> WriteTransaction::begin(Database& db) {
  DS_ASSIGN(const auto begin, db.kept("BEGIN IMMEDIATE"));
  DS_TRY(begin->run());
  return WriteTransaction(db);
}

WriteTransaction::WriteTransaction(WriteTransaction&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)) {}

WriteTransaction::~WriteTransaction() {
  if (db_ != nullptr && db_->in_transaction()) {
    static_cast<void>(db_->run("ROLLBACK"));
  }
}

Status WriteTransaction::commit() {
  DS_ASSERT(db_ != nullptr);
  DS_ASSIGN(const auto commit, db_->kept("COMMIT"));
  if (auto status = commit->run(); !status) {
    return status;  // the destructor rolls back what is still open
  }
  db_ = nullptr;
  return {};
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

}  // namespace doorstep::sqlite
