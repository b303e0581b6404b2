#include "engine/core/row.hpp"

#include <algorithm>

namespace doorstep {

const CellState* StoredRow::find_cell(ColumnId column) const {
  const auto found =
      std::lower_bound(cells.begin(), cells.end(), column,
                       [](const CellState& cell, ColumnId wanted) { return cell.column < wanted; });
  return found != cells.end() && found->column == column ? &*found : nullptr;
}

Position StoredRow::changed(ColumnId column) const {
  const CellState* cell = find_cell(column);
  return cell != nullptr ? cell->changed : base.position;
}

}  // namespace doorstep
