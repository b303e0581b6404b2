#include "engine/sqlite/ddl.hpp"

#include "engine/sqlite/database.hpp"

namespace doorstep::sqlite {

std::string_view storage_type(ColumnType type) {
  switch (type) {
    case ColumnType::uuid:
    case ColumnType::blob:
      return "BLOB";
    case ColumnType::integer:
    case ColumnType::boolean:
    case ColumnType::timestamp:
      return "INTEGER";
    case ColumnType::real:
      return "REAL";
    case ColumnType::text:
    case ColumnType::date:
    case ColumnType::json:
    case ColumnType::attachment:
      return "TEXT";
  }
  return "BLOB";
}

std::string column_definitions(const Table& table) {
  std::string sql = quote_identifier(table.key);
  sql += ' ';
  sql += storage_type(table.key_type);
  sql += " NOT NULL UNIQUE";
  for (const Column& column : table.columns) {
    sql += ", ";
    sql += quote_identifier(column.name);
    sql += ' ';
    sql += storage_type(column.type);
  }
  return sql;
}

std::string device_table_ddl(const Table& table) {
  return "CREATE TABLE " + quote_identifier(table.name) + " (" + column_definitions(table) +
         ") STRICT";
}

std::string column_list(const Table& table) {
  std::string sql = quote_identifier(table.key);
  for (const Column& column : table.columns) {
    sql += ", ";
    sql += quote_identifier(column.name);
  }
  return sql;
}

}  // namespace doorstep::sqlite
