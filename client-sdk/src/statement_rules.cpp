#include "client-sdk/src/statement_rules.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace doorstep {
namespace {

int authorize(void* rules, int action, const char* first, const char* second, const char*,
              const char*) {
  return static_cast<StatementRules*>(rules)->judge(action, first, second);
}

std::string_view view_of(const char* text) { return text != nullptr ? text : ""; }

// Pragmas that only tell something. Those with an argument here take a name, not a new setting.
bool is_telling_pragma(std::string_view name, bool with_argument) {
  static constexpr std::array<std::string_view, 10> by_name{
      "foreign_key_list", "index_info",  "index_list",  "index_xinfo",     "table_info",
      "table_list",       "table_xinfo", "quick_check", "integrity_check", "foreign_key_check"};
  static constexpr std::array<std::string_view, 10> plain{
      "application_id", "compile_options", "data_version", "database_list", "encoding",
      "freelist_count", "function_list",   "page_count",   "page_size",     "user_version"};
  const auto holds = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return holds(by_name) || (!with_argument && holds(plain));
}

std::string_view skip_blanks_and_comments(std::string_view sql) {
  for (;;) {
    const auto start = sql.find_first_not_of(" \t\r\n;\f\v");
    if (start == std::string_view::npos) return {};
    sql.remove_prefix(start);
    std::string_view end;
    if (sql.starts_with("--")) {
      end = "\n";
    } else if (sql.starts_with("/*")) {
      end = "*/";
    } else {
      return sql;
    }
    const auto stop = sql.find(end, 2);
    if (stop == std::string_view::npos) return {};
    sql.remove_prefix(stop + end.size());
  }
}

}  // namespace

StatementRules::StatementRules(sqlite::Database& db, const Schema& schema, Kind kind)
    : db_(&db), schema_(&schema), kind_(kind) {
  // SQLite declares these when they are first used, which looks like a CREATE TABLE to the rules.
  // A build of SQLite without them has nothing to declare.
  static_cast<void>(db_->run("SELECT 1 FROM json_each('[]'), json_tree('[]')"));
  // Once: whenever an authorizer is set, SQLite prepares every statement of the connection again.
  sqlite3_set_authorizer(db_->handle(), authorize, this);
}

StatementRules::~StatementRules() { sqlite3_set_authorizer(db_->handle(), nullptr, nullptr); }

void StatementRules::watch(bool on) {
  if (on) refusal_.clear();
  watching_ = on;
}

std::string StatementRules::refusal_of_word(std::string_view sql) {
  const std::string_view rest = skip_blanks_and_comments(sql);
  std::string word;
  for (const char c : rest) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (word == "VACUUM") return "VACUUM: the SDK gives freed pages back by itself";
  return {};
}

int StatementRules::refuse(std::string reason) {
  if (refusal_.empty()) refusal_ = std::move(reason);
  return SQLITE_DENY;
}

int StatementRules::judge_write(const char* table) {
  const std::string_view name = view_of(table);
  if (kind_ == Kind::read) return refuse("writing " + std::string(name) + " in a query");
  if (schema_->find_table(name)) return SQLITE_OK;
  if (name.starts_with("sqlite_"))
    return refuse("CREATE, ALTER and DROP: tables come with the schema");
  return refuse("writing " + std::string(name) + ": it is not a table of the schema");
}

int StatementRules::judge(int action, const char* first, const char* second) {
  if (!watching_) return SQLITE_OK;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return judge_write(first);
    case SQLITE_TRANSACTION:
      return refuse(std::string(view_of(first)) + ": the SDK begins and ends the transaction");
    case SQLITE_SAVEPOINT:
      if (kind_ == Kind::write) return SQLITE_OK;
      return refuse("SAVEPOINT in a query");
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return refuse("ATTACH and DETACH: a replica stands alone");
    case SQLITE_PRAGMA:
      if (is_telling_pragma(view_of(first), second != nullptr)) return SQLITE_OK;
      return refuse("PRAGMA " + std::string(view_of(first)) +
                    ": the SDK sets how the file is kept");
    default:
      return refuse("CREATE, ALTER, DROP, REINDEX and ANALYZE: tables come with the schema");
  }
}

}  // namespace doorstep
