#include "server/console/named_row.hpp"

#include "engine/core/value_text.hpp"

namespace doorstep::console {

Result<TableId> table_named(ConsoleCall& call, const Schema& schema, std::string_view name) {
  const auto table = schema.find_table(name);
  if (!table) return call.blame("table", error(ErrorCode::unknown_table, std::string(name)));
  return *table;
}

Result<RowId> row_named(ConsoleCall& call, const Table& table, std::string_view text) {
  auto row = key_of_text(table, text);
  if (!row) return call.blame("row", row.error());
  return row;
}

Result<RowKey> row_of_path(ConsoleCall& call, const Schema& schema) {
  DS_ASSIGN(const TableId table, table_named(call, schema, call.request.parts[0]));
  DS_ASSIGN(const RowId row, row_named(call, schema.table(table), call.request.parts[1]));
  return RowKey{table, row};
}

}  // namespace doorstep::console
