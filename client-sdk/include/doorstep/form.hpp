// A form: one row as a person sees it on a screen, what that person types over it, and, kept
// beside the values, what had been read when they were shown (SEMANTICS B3).
//
//   auto form = replica->open_form("household", id);
//   form->set("phone", doorstep::Value::text("13800000000"));
//   replica->save(*form);
//
// Why not UPDATE: while a form is open, a sync may bring a newer value under it. An UPDATE of every
// field would write the old value back, and claim to have seen the new one. A form writes only
// what was typed, and says what it was typed over: a rival value that came in meanwhile meets it
// as any concurrent write does, by the column's policy, and nothing is lost without a record.
//
// What one's own device wrote meanwhile is another matter: the hub would take it for replaced.
// So save() refuses a column that an own write (SQL, another form, another process) has changed
// since the form was read, with form_outdated, and writes nothing; refresh() shows what changed and
// keeps what was typed.
//
// A Form is a value in memory. It holds no lock and no transaction and may stay open for days.
// Threads: one at a time. It may outlive its Replica, but is saved by one on the same file only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// A column that is not what its form shows any more.
struct FormChange {
  std::string column;
  Value shown;                 ///< by the form
  Value now;                   ///< in the table
  std::optional<Value> typed;  ///< what a save would write; not set where nothing was typed
  bool own = false;            ///< this device wrote it: a save of what was typed is refused
};

/// What happened to the row of a form since it was read.
struct FormNews {
  bool row_gone = false;            ///< deleted, or moved out of this replica's sight
  std::vector<FormChange> changes;  ///< in the order of the columns; empty when the row is gone
  /// True when the form still shows what is so.
  [[nodiscard]] bool empty() const { return !row_gone && changes.empty(); }
};

/// Made by Replica::open_form() and new_form(), saved by Replica::save() or
/// ReplicaTransaction::save().
class Form {
 public:
  struct State;
  explicit Form(std::unique_ptr<State> state);  ///< for the SDK
  ~Form();
  Form(Form&& other) noexcept;
  Form& operator=(Form&& other) noexcept;

  [[nodiscard]] const std::string& table() const;
  [[nodiscard]] const Value& id() const;
  /// True until it is saved for the first time, for a form of a row that is not there yet.
  [[nodiscard]] bool is_new() const;

  /// What the row had when it was read. Error unknown_column.
  [[nodiscard]] Result<Value> shown(std::string_view column) const;
  /// What was typed, else what is shown. Error unknown_column.
  [[nodiscard]] Result<Value> value(std::string_view column) const;

  /// Types a value. The same as shown is no change. A counter takes the number that it should be;
  /// what is saved is the difference to the number shown. Of a set likewise: what is saved is the
  /// elements put in and taken out. Errors: unknown_column, bad_value; nothing is typed then.
  [[nodiscard]] Status set(std::string_view column, Value value);
  /// Forgets what was typed. Error unknown_column.
  [[nodiscard]] Status reset(std::string_view column);
  /// Columns that a save would write, in the table's order.
  [[nodiscard]] std::vector<std::string> changed() const;

  [[nodiscard]] State& state() { return *state_; }              ///< for the SDK
  [[nodiscard]] const State& state() const { return *state_; }  ///< for the SDK

 private:
  std::unique_ptr<State> state_;
};

}  // namespace doorstep
