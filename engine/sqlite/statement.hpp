// One prepared SQLite statement, RAII. Used by one thread, the one of its Database. Must not
// outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "engine/core/value.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace doorstep::sqlite {

/// Maps a SQLite result code (with the connection's message) to the catalogue: disk_full,
/// read_only, busy, corrupt (also "not a database"), io_error, bad_value (too big), else sql_error.
[[nodiscard]] Error error_of(sqlite3* db, int code, std::string_view context);

/// A Value as SQLite has it in a column or argument. Pointers are SQLite's own (sqlite3_value*).
class Statement {
 public:
  Statement() = default;

  /// Binding parameter `index` (from 1). Text and blobs are not copied: they must stay unchanged
  /// until the statement was reset or the parameter bound again. bind_copy copies.
  void bind(int index, const Value& value);
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, ByteView blob);
  void bind_null(int index);
  void bind_copy(int index, const Value& value);
  void bind_unsigned(int index, std::uint64_t value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, Position position) { bind_unsigned(index, position.value); }
  /// Index of ":name", or 0.
  [[nodiscard]] int parameter_index(const char* name) const;
  [[nodiscard]] int parameter_count() const;
  /// Name of parameter `index` with its sigil, or empty.
  [[nodiscard]] std::string_view parameter_name(int index) const;

  /// true: a row is there; false: done. After false or an error the statement has been reset.
  [[nodiscard]] Result<bool> step();
  /// step() until done, rows ignored; then reset.
  [[nodiscard]] Status run();
  void reset();
  /// Every parameter is NULL again.
  void let_go_of_bound();
  /// A row was read, and it was neither reset since nor stepped to its end.
  [[nodiscard]] bool is_running() const;

  [[nodiscard]] int column_count() const;
  [[nodiscard]] std::string_view column_name(int column) const;
  /// Column `column` (from 0) of the current row. Views are valid until the next step() or reset().
  [[nodiscard]] Value value(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteView blob(int column) const;
  [[nodiscard]] Position position(int column) const { return {unsigned_integer(column)}; }
  template <class Id>
  [[nodiscard]] Id id(int column) const {
    return Id::from(blob(column)).value_or(Id{});
  }
  /// True for statements that cannot change the database file.
  [[nodiscard]] bool is_read_only() const;
  [[nodiscard]] sqlite3_stmt* handle() const { return handle_.get(); }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace doorstep::sqlite
