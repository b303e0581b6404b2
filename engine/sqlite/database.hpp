// One SQLite connection, RAII. Used by one thread at a time. The only place, with statement.cpp,
// where the engine opens SQLite; hooks and virtual tables are set by their owners through handle().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/core/result.hpp"
#include "engine/core/value.hpp"
#include "engine/sqlite/statement.hpp"

namespace doorstep::sqlite {

struct OpenOptions {
  bool read_only = false;
  bool create = false;           ///< make the file when it is not there
  int busy_timeout_ms = 10'000;  ///< how long a statement waits for another writer
};

/// A statement of Database::kept(); when it goes it is reset, so that it holds no lock, and what
/// was bound is let go of, so that its next user finds NULL in every parameter.
class KeptStatement {
 public:
  explicit KeptStatement(Statement& statement) : statement_(&statement) {}
  KeptStatement(KeptStatement&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)) {}
  KeptStatement& operator=(KeptStatement&&) = delete;
  ~KeptStatement() {
    if (statement_ == nullptr) return;
    statement_->reset();
    statement_->let_go_of_bound();
  }
  Statement* operator->() const { return statement_; }
  Statement& operator*() const { return *statement_; }

 private:
  Statement* statement_;
};

class Database {
 public:
  /// Errors: io_error, read_only, corrupt (damaged, or no database at all), busy.
  [[nodiscard]] static Result<Database> open(const std::string& path, const OpenOptions& options);

  /// Runs one or more statements without results.
  [[nodiscard]] Status run(std::string_view sql);
  /// Prepares exactly one statement; sql_error when there is none or more text follows.
  /// `persistent` for statements that are kept.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql, bool persistent = false);
  /// The same statement for the same text each time, prepared once and kept as long as the
  /// connection: for the few constant texts that every transaction needs. One user at a time.
  [[nodiscard]] Result<KeptStatement> kept(std::string_view sql);
  /// Prepares the first statement of `sql` and cuts it off; an empty optional when only blanks are
  /// left.
  [[nodiscard]] Result<std::optional<Statement>> prepare_next(std::string_view& sql);
  /// First column of the first row; nullopt when there is no row.
  [[nodiscard]] Result<std::optional<Value>> one(std::string_view sql);
  /// The same by a statement of kept().
  [[nodiscard]] Result<std::optional<Value>> one_kept(std::string_view sql);

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] Error last_error(int code, std::string_view context) const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::map<std::string, Statement, std::less<>> kept_;
};

/// BEGIN IMMEDIATE ... COMMIT; rolls back when it is destroyed before commit().
class WriteTransaction {
 public:
  [[nodiscard]] static Result<WriteTransaction> begin(Database& db);
  WriteTransaction(WriteTransaction&& other) noexcept;
  WriteTransaction& operator=(WriteTransaction&&) = delete;
  ~WriteTransaction();
  /// On an error everything was rolled back.
  [[nodiscard]] Status commit();

 private:
  explicit WriteTransaction(Database& db) : db_(&db) {}
  Database* db_;  // null once ended
};

/// "name" with quotes doubled.
[[nodiscard]] std::string quote_identifier(std::string_view name);

}  // namespace doorstep::sqlite
