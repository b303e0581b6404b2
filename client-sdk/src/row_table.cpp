#include "client-sdk/src/row_table.hpp"

#include "engine/sqlite/ddl.hpp"

namespace doorstep {

Result<RowTable> RowTable::prepare(sqlite::Database& db, const Table& table, RowAccess access) {
  const std::string name = sqlite::quote_identifier(table.name);
  const std::string key = sqlite::quote_identifier(table.key);
  std::string marks = "?1";
  std::string columns;
  std::string updates;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string column = sqlite::quote_identifier(table.columns[i].name);
    marks += ", ?" + std::to_string(i + 2);
    columns.append(i == 0 ? "" : ", ").append(column);
    updates.append(i == 0 ? "" : ", ").append(column).append(" = excluded.").append(column);
  }
  RowTable made;
  made.db_ = &db;
  made.text_key_ = table.key_type != ColumnType::uuid;
  DS_ASSIGN(made.read_,
            db.prepare("SELECT " + columns + " FROM " + name + " WHERE " + key + " = ?1", true));
  if (access == RowAccess::read) return made;
  const std::string insert = "INSERT INTO " + name + " (" + sqlite::column_list(table) +
                             ") VALUES (" + marks + ") ON CONFLICT (" + key + ") DO ";
  DS_ASSIGN(made.insert_, db.prepare(insert + "NOTHING", true));
  DS_ASSIGN(made.put_, db.prepare(insert + "UPDATE SET " + updates, true));
  DS_ASSIGN(made.remove_, db.prepare("DELETE FROM " + name + " WHERE " + key + " = ?1", true));
  return made;
}

void RowTable::bind_key(sqlite::Statement& statement, const RowId& row) const {
  if (text_key_) {
    statement.bind(1, row.text());
  } else {
    statement.bind(1, row.view());
  }
}

Result<std::optional<RowImage>> RowTable::read(const RowId& row) {
  bind_key(read_, row);
  DS_ASSIGN(const bool found, read_.step());
  if (!found) return std::optional<RowImage>();
  RowImage image;
  const int count = read_.column_count();
  image.values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) image.values.push_back(read_.value(i));
  read_.reset();
  return std::optional<RowImage>(std::move(image));
}

void RowTable::bind_row(sqlite::Statement& statement, const RowId& row,
                        const RowImage& image) const {
  bind_key(statement, row);
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    statement.bind(static_cast<int>(i) + 2, image.values[i]);
  }
}

Result<bool> RowTable::insert(const RowId& row, const RowImage& image) {
  bind_row(insert_, row, image);
  DS_TRY(insert_.run());
  return db_->changes() == 1;
}

Status RowTable::put(const RowId& row, const RowImage& image) {
  bind_row(put_, row, image);
  return put_.run();
}

Status RowTable::remove(const RowId& row) {
  bind_key(remove_, row);
  return remove_.run();
}

Result<RowTable*> RowTables::of(TableId id) {
  auto& slot = tables_[id.index];
  if (!slot) {
    DS_ASSIGN(slot, RowTable::prepare(*db_, schema_->table(id), access_));
  }
  return &*slot;
}

}  // namespace doorstep
