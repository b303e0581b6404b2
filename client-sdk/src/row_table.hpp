// One app table by key: prepared statements for reading, putting and removing a row. Belongs to one
// connection and must not outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// What a connection may do with a table: on one with guards but without capture a write cannot
/// even be prepared.
enum class RowAccess : std::uint8_t { read, write };

class RowTable {
 public:
  [[nodiscard]] static Result<RowTable> prepare(sqlite::Database& db, const Table& table,
                                                RowAccess access);

  [[nodiscard]] Result<std::optional<RowImage>> read(const RowId& row);
  /// False, with nothing changed: the row is there already. Needs RowAccess::write, as put() and
  /// remove() do.
  [[nodiscard]] Result<bool> insert(const RowId& row, const RowImage& image);
  /// Inserts or replaces column by column; the rowid of an existing row stays.
  [[nodiscard]] Status put(const RowId& row, const RowImage& image);
  [[nodiscard]] Status remove(const RowId& row);

 private:
  void bind_key(sqlite::Statement& statement, const RowId& row) const;
  void bind_row(sqlite::Statement& statement, const RowId& row, const RowImage& image) const;
  sqlite::Database* db_ = nullptr;
  bool text_key_ = false;
  sqlite::Statement read_;
  sqlite::Statement insert_;
  sqlite::Statement put_;
  sqlite::Statement remove_;
};

/// All tables of a schema, prepared as they are first used.
class RowTables {
 public:
  RowTables(sqlite::Database& db, const Schema& schema, RowAccess access = RowAccess::write)
      : db_(&db), schema_(&schema), access_(access) {
    tables_.resize(schema.tables().size());
  }
  [[nodiscard]] Result<RowTable*> of(TableId id);

 private:
  sqlite::Database* db_;
  const Schema* schema_;
  RowAccess access_;
  std::vector<std::optional<RowTable>> tables_;
};

}  // namespace doorstep
