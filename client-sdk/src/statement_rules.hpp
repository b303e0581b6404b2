// Which SQL an app may run through the SDK, decided by SQLite's authorizer while a statement is
// prepared.
#pragma once

#include <memory>
#include <string>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Installed on one connection, which it must not outlive. Everything is allowed (the SDK's own
/// statements) until watch(true).
class StatementRules {
 public:
  enum class Kind : std::uint8_t { write, read };

  /// `schema` must outlive the rules.
  StatementRules(sqlite::Database& db, const Schema& schema, Kind kind);
  ~StatementRules();
  StatementRules(const StatementRules&) = delete;
  StatementRules& operator=(const StatementRules&) = delete;

  /// True while the app's statements are prepared or run.
  void watch(bool on);
  /// Why the last statement was refused; empty when it was not.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  /// What the authorizer cannot see: statements that are refused by their first word. Empty:
  /// allowed.
  [[nodiscard]] static std::string refusal_of_word(std::string_view sql);

  /// The authorizer's answer; called by SQLite.
  [[nodiscard]] int judge(int action, const char* first, const char* second);

 private:
  [[nodiscard]] int refuse(std::string reason);
  [[nodiscard]] int judge_write(const char* table);
  sqlite::Database* db_;
  const Schema* schema_;
  Kind kind_;
  bool watching_ = false;
  std::string refusal_;
};

}  // namespace doorstep
