// One app table by key: prepared statements for reading, putting and removing a row. Belongs to one
// connection and must not outlive it.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

class RowTable {
 public:
  [[nodiscard]] static Result<RowTable> prepare(sqlite::Database& db, const Table& table);

  [[nodiscard]] Result<std::optional<RowImage>> read(const RowId& row);
  /// Inserts or replaces column by column; the rowid of an existing row stays.
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
  RowTables(sqlite::Database& db, const Schema& schema) : db_(&db), schema_(&schema) {
    tables_.resize(schema.tables().size());
  }
  [[nodiscard]] Result<RowTable*> of(TableId id);

 private:
  sqlite::Database* db_;
  const Schema* schema_;
  std::vector<std::optional<RowTable>> tables_;
};

}  // namespace doorstep
