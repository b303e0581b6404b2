#include "server/store/sqlite_hub_values.hpp"

#include <charconv>

namespace doorstep {

void bind_key(sqlite::Statement& to, int parameter, const Table& table, const RowId& id) {
  if (table.key_type == ColumnType::uuid) {
    to.bind(parameter, id.view());
  } else {
    to.bind(parameter, id.text());
  }
}

Result<RowId> row_id_at(const sqlite::Statement& at, int column) {
  const auto id = RowId::from(at.blob(column));
  if (!id) return error(ErrorCode::corrupt, "a row's key is empty or too long");
  return *id;
}

Result<TableId> table_at(const Schema& schema, const sqlite::Statement& at, int column) {
  const auto table = schema.find_table(at.text(column));
  if (!table)
    return error(ErrorCode::corrupt,
                 "no table '" + std::string(at.text(column)) + "' in the schema");
  return *table;
}

void bind_unless(sqlite::Statement& to, int parameter, Position position, Position usual) {
  if (position == usual) {
    to.bind_null(parameter);
  } else {
    to.bind(parameter, position);
  }
}

Position position_or(const sqlite::Statement& at, int column, Position usual) {
  return at.is_null(column) ? usual : at.position(column);
}

void bind_stamp(sqlite::Statement& to, int parameter, const Stamp& stamp) {
  to.bind(parameter, stamp.hi);
  if (stamp.lo == stamp.hi) {
    to.bind_null(parameter + 1);
  } else {
    to.bind(parameter + 1, stamp.lo);
  }
}

Stamp stamp_at(const sqlite::Statement& at, int column) {
  const std::int64_t hi = at.integer(column);
  return {at.is_null(column + 1) ? hi : at.integer(column + 1), hi};
}

std::string text_of_scopes(const std::vector<ScopeId>& scopes) {
  std::string text;
  for (const ScopeId& scope : scopes) {
    text += std::to_string(scope.code.size());
    text += ':';
    text += scope.code;
    text += ',';
  }
  return text;
}

Result<std::vector<ScopeId>> scopes_of_text(std::string_view text) {
  std::vector<ScopeId> scopes;
  while (!text.empty()) {
    std::size_t size = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
    const auto digits = static_cast<std::size_t>(end - text.data());
    // ':' after the digits, ',' after the code.
    if (failure != std::errc{} || text.size() < digits + 2 || size > text.size() - digits - 2 ||
        text[digits] != ':' || text[digits + 1 + size] != ',') {
      return error(ErrorCode::corrupt, "a list of scopes is malformed");
    }
    scopes.push_back({std::string(text.substr(digits + 1, size))});
    text.remove_prefix(digits + size + 2);
  }
  return scopes;
}

}  // namespace doorstep
