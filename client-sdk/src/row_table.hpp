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
  /// Inserts or replaces column by column; the rowid of an existing row stays. Needs
  /// RowAccess::write, as remove() does.
  [[nodiscard]] Status put(const RowId& row, const RowImage& image);
  [[nodiscard]] Status remove(const RowId& row);

 private:
  void bind_key(sqlite::Statement& statement, const RowId& row) const;
  bool text_key_ = false;
  sqlite::Statement read_;
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
