// Columns declared as one `group` merge, conflict and are decided as one cell (SEMANTICS B4). The
// first of them, the lead, names the cell and holds its state; a contribution to it holds the whole
// tuple as one value: NULL when all are NULL, else a JSON object in the order of the columns, such
// as {"claimed_by":"0190...","claimed_at":1700000000000} (uuids and blobs in hexadecimal). The same
// tuple has one text, and the text gives back every value exactly. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// Of a table without groups every column is a cell.
[[nodiscard]] bool has_groups(const Table& table);
/// The columns of the cell that `column` belongs to, ascending: itself, or its whole group.
[[nodiscard]] std::vector<ColumnId> cell_columns(const Table& table, ColumnId column);
/// The first of them.
[[nodiscard]] ColumnId lead_of(const Table& table, ColumnId column);

/// What stands in a cell of these columns: the column's own value, or the tuple.
[[nodiscard]] Value cell_value(const Table& table, std::span<const ColumnId> columns,
                               const RowImage& image);
/// The values of `value`, one for each column; nullopt where it is no value of such a cell. Of a
/// tuple, columns that are not named are NULL and the order is free, as a person may type it.
[[nodiscard]] std::optional<std::vector<Value>> values_of_cell(const Table& table,
                                                               std::span<const ColumnId> columns,
                                                               const Value& value);
/// The other way round; of one column its value.
[[nodiscard]] Value value_of_cell(const Table& table, std::span<const ColumnId> columns,
                                  std::span<const Value> values);

/// The change with each group as one cell: at its lead, with the tuple. `shown`: the row as the hub
/// has it, for columns of a group that an update leaves out; null: they are NULL, as an insert's.
/// Observed is the earliest of the group's. A change without groups is as it was.
[[nodiscard]] RowChange gather_groups(const Table& table, RowChange change, const RowImage* shown);

}  // namespace doorstep
