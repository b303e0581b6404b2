// Small pieces of a hub's rows in SQLite: keys, stamps, positions that are left out when they
// repeat, lists of scopes. Pure apart from the statement given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/statement.hpp"

namespace doorstep {

/// A row's key as its table stores it: a blob, or text for text keys. Not copied.
void bind_key(sqlite::Statement& to, int parameter, const Table& table, const RowId& id);
[[nodiscard]] Result<RowId> row_id_at(const sqlite::Statement& at, int column);
/// The table whose name stands in a column; error corrupt when the schema has none.
[[nodiscard]] Result<TableId> table_at(const Schema& schema, const sqlite::Statement& at,
                                       int column);

/// NULL where `position` equals `usual`.
void bind_unless(sqlite::Statement& to, int parameter, Position position, Position usual);
[[nodiscard]] Position position_or(const sqlite::Statement& at, int column, Position usual);

/// Two columns: hi, then lo, which is NULL when the stamp is a point.
void bind_stamp(sqlite::Statement& to, int parameter, const Stamp& stamp);
[[nodiscard]] Stamp stamp_at(const sqlite::Statement& at, int column);

/// Scope codes in one text, each as "length:code,", so that no code can be mistaken for two.
[[nodiscard]] std::string text_of_scopes(const std::vector<ScopeId>& scopes);
[[nodiscard]] Result<std::vector<ScopeId>> scopes_of_text(std::string_view text);

}  // namespace doorstep
