// What a form had read of a row before its values were written (SEMANTICS B3). Pure.
#pragma once

#include <map>
#include <optional>

#include "engine/core/change.hpp"

namespace doorstep {

/// Positions of the read behind a write, of one row.
struct AsOf {
  std::optional<Position> row;         ///< of an insert: what was known when it was begun
  std::map<ColumnId, Position> cells;  ///< of the columns written; of a set, of the elements edited
};

/// Lowers the observed of a freshly captured change to `as_of` where that is earlier; `cursor` is
/// the transaction's. Never raises one: what carry and view say stands. Counters do not observe,
/// and a delete is no form's.
void lower_observed(const AsOf& as_of, Position cursor, RowChange& change);

}  // namespace doorstep
