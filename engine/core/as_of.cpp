#include "engine/core/as_of.hpp"

#include <algorithm>

namespace doorstep {

void lower_observed(const AsOf& as_of, Position cursor, RowChange& change) {
  if (change.kind == RowChange::Kind::remove) return;
  const Position captured = change.observed.value_or(cursor);
  if (as_of.row && change.kind == RowChange::Kind::insert && *as_of.row < captured) {
    change.observed = *as_of.row;
  }
  const Position row = change.observed.value_or(cursor);
  for (CellChange& cell : change.cells) {
    const auto read = as_of.cells.find(cell.column);
    if (read == as_of.cells.end() || std::holds_alternative<CounterDelta>(cell.edit)) continue;
    if (read->second < cell.observed.value_or(row)) cell.observed = read->second;
  }
}

}  // namespace doorstep
