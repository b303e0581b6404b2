// Runs an app's SQL, one statement after another, with its bindings, under the rules of the
// connection. What was prepared for a text is kept for the next time that it comes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <doorstep/replica.hpp>

#include "client-sdk/src/statement_rules.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Of one connection, which it must not outlive; one at a time on a connection. Used by the thread
/// that uses the connection.
class StatementRunner {
 public:
  /// `schema` must outlive it.
  StatementRunner(sqlite::Database& db, const Schema& schema, StatementRules::Kind kind);

  /// Errors sql_error, sql_refused (with the reason), disk_full, io_error, corrupt, busy; what the
  /// statements before the failed one did stays.
  [[nodiscard]] Result<SqlResult> run(std::string_view sql, const Bindings& bindings);

 private:
  struct Prepared {
    sqlite::Statement statement;
    bool has_names = false;  ///< some parameter is bound by name
  };
  /// What one text holds, in order.
  struct Script {
    std::vector<Prepared> statements;
    std::uint64_t used = 0;  ///< number of the call that used it last
  };
  class Binder;

  [[nodiscard]] Result<SqlResult> run_first(std::string_view sql, const Bindings& bindings);
  [[nodiscard]] Result<SqlResult> run_again(Script& script, const Bindings& bindings);
  [[nodiscard]] Status run_one(Prepared& prepared, Binder& binder, SqlResult& result);
  [[nodiscard]] Error explained(Error failure) const;
  void keep(std::string_view sql, std::vector<Prepared> statements);

  sqlite::Database* db_;
  StatementRules rules_;
  std::map<std::string, Script, std::less<>> kept_;
  std::uint64_t calls_ = 0;
};

}  // namespace doorstep
