// Tables, columns and rows as a caller names them, with the field at fault where there is none.
#pragma once

#include <string_view>

#include "server/console/console_request.hpp"

namespace doorstep::console {

/// Error unknown_table, field "table".
[[nodiscard]] Result<TableId> table_named(ConsoleCall& call, const Schema& schema,
                                          std::string_view name);
/// Error bad_key, field "row".
[[nodiscard]] Result<RowId> row_named(ConsoleCall& call, const Table& table, std::string_view text);
/// The row of a path /.../{table}/{row}, its first two parts.
[[nodiscard]] Result<RowKey> row_of_path(ConsoleCall& call, const Schema& schema);

}  // namespace doorstep::console
