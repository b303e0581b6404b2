#include "client-sdk/src/statement_runner.hpp"

#include <algorithm>

namespace doorstep {
namespace {

/// Watches the connection while the app's SQL is at work.
class Watched {
 public:
  explicit Watched(StatementRules& rules) : rules_(&rules) { rules.watch(true); }
  ~Watched() { rules_->watch(false); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  StatementRules* rules_;
};

Error explained(const StatementRules& rules, Error failure) {
  if (!rules.refusal().empty()) return error(ErrorCode::sql_refused, rules.refusal());
  return failure;
}

/// Hands bindings to parameters: by name wherever it occurs, the nameless ones in order.
class Binder {
 public:
  explicit Binder(const Bindings& bindings) : bindings_(&bindings), used_(bindings.size(), false) {}

  Status bind(sqlite::Statement& statement) {
    for (int i = 1; i <= statement.parameter_count(); ++i) {
      const std::string_view name = statement.parameter_name(i);
      const bool named = !name.empty() && name.front() != '?';
      const std::size_t found = named ? by_name(name.substr(1)) : next_nameless();
      if (found == bindings_->size()) {
        return error(ErrorCode::sql_error, named ? "no value for " + std::string(name)
                                                 : "no value for parameter " + std::to_string(i));
      }
      used_[found] = true;
      statement.bind(i, (*bindings_)[found].value);
    }
    return {};
  }

  /// Error sql_error when a value found no parameter: most likely a misspelt name.
  [[nodiscard]] Status all_used() const {
    const auto unused = std::find(used_.begin(), used_.end(), false);
    if (unused == used_.end()) return {};
    const std::string& name = (*bindings_)[static_cast<std::size_t>(unused - used_.begin())].name;
    return error(ErrorCode::sql_error,
                 name.empty() ? "more values than parameters" : "no parameter :" + name);
  }

 private:
  [[nodiscard]] std::size_t by_name(std::string_view name) const {
    const auto found = std::find_if(bindings_->begin(), bindings_->end(), [&](const Binding& b) {
      return !b.name.empty() && b.name == name;
    });
    return static_cast<std::size_t>(found - bindings_->begin());
  }
  std::size_t next_nameless() {
    while (next_ < bindings_->size() && !(*bindings_)[next_].name.empty()) ++next_;
    return next_ < bindings_->size() ? next_++ : next_;
  }

  const Bindings* bindings_;
  std::vector<bool> used_;
  std::size_t next_ = 0;
};

Status collect(sqlite::Database& db, sqlite::Statement& statement, SqlResult& result) {
  ResultSet set;
  for (int i = 0; i < statement.column_count(); ++i)
    set.columns.emplace_back(statement.column_name(i));
  for (;;) {
    DS_ASSIGN(const bool row, statement.step());
    if (!row) break;
    auto& values = set.rows.emplace_back();
    values.reserve(set.columns.size());
    for (int i = 0; i < statement.column_count(); ++i) values.push_back(statement.value(i));
  }
  if (!set.columns.empty()) result.sets.push_back(std::move(set));
  if (!statement.is_read_only()) result.rows_changed += db.changes();
  return {};
}

}  // namespace

Result<SqlResult> run_statements(sqlite::Database& db, StatementRules& rules, std::string_view sql,
                                 const Bindings& bindings) {
  const Watched watched(rules);
  SqlResult result;
  Binder binder(bindings);
  for (;;) {
    if (auto reason = StatementRules::refusal_of_word(sql); !reason.empty()) {
      return error(ErrorCode::sql_refused, std::move(reason));
    }
    auto statement = db.prepare_next(sql);
    if (!statement) return explained(rules, statement.error());
    if (!*statement) break;
    DS_TRY(binder.bind(**statement));
    if (auto done = collect(db, **statement, result); !done) return explained(rules, done.error());
  }
  DS_TRY(binder.all_used());
  return result;
}

}  // namespace doorstep
