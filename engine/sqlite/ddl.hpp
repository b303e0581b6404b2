// The SQL that a schema's tables become. The same text makes a device's tables and the plain file
// that benchmarks compare with.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/schema.hpp"

namespace doorstep::sqlite {

/// INTEGER, REAL, TEXT or BLOB: what a column type is stored as (engine/core/value.hpp).
[[nodiscard]] std::string_view storage_type(ColumnType type);

/// "id" BLOB NOT NULL UNIQUE, "name" TEXT, ...: key first, columns in schema order. Required
/// columns carry no NOT NULL: capture refuses a NULL of the app, and a row of the hub's always
/// applies.
[[nodiscard]] std::string column_definitions(const Table& table);

/// CREATE TABLE of a device: STRICT, rowid, UNIQUE key, nothing of doorstep's own.
[[nodiscard]] std::string device_table_ddl(const Table& table);

/// Key and columns, quoted, separated by commas.
[[nodiscard]] std::string column_list(const Table& table);

}  // namespace doorstep::sqlite
