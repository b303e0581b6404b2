// Runs an app's SQL, one statement after another, with its bindings, under the rules of the
// connection.
#pragma once

#include <doorstep/replica.hpp>

#include "client-sdk/src/statement_rules.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Errors sql_error, sql_refused (with the reason), disk_full, io_error, corrupt, busy; what the
/// statements before the failed one did stays.
[[nodiscard]] Result<SqlResult> run_statements(sqlite::Database& db, StatementRules& rules,
                                               std::string_view sql, const Bindings& bindings);

}  // namespace doorstep
