// One row of a transaction meets the row at the hub: its cells are written, or lost to a delete
// (SEMANTICS B1). Pure; changes only the WorkingRow given. Deletes are in merge_delete.hpp.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/merge_batch.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/sight.hpp"

namespace doorstep {

/// What is the same for every row of one transaction.
struct RowWrite {
  const Schema& schema;
  const IncomingTransaction& transaction;
  Position commit;
  const ReofferedAt& reoffered;

  [[nodiscard]] const DeviceId& author() const { return transaction.id.device; }
  [[nodiscard]] CellVersion version() const {
    return {commit, transaction.id.device, transaction.stamp};
  }
  /// Could the author see this column at all (SEMANTICS B3)?
  [[nodiscard]] bool shows(TableId table, ColumnId column) const {
    return transaction.view == nullptr || transaction.view->shows(table, column);
  }
  /// What it means that she had observed this position, as the transaction says it.
  [[nodiscard]] Sight sight(Position observed) const {
    return transaction.reoffer ? Sight(observed, *transaction.reoffer, reoffered) : Sight(observed);
  }
  /// Did the author know of this write: her own, or one that she had observed?
  [[nodiscard]] bool has_seen(const CellVersion& other, const Sight& sight) const {
    return other.author == author() || sight.sees(other);
  }
};

/// What the author had seen of the row as a whole.
[[nodiscard]] Sight row_sight(const RowWrite& write, const RowChange& change);
[[nodiscard]] inline Position row_observed(const RowWrite& write, const RowChange& change) {
  return row_sight(write, change).observed();
}

/// Contributions that a delete, or its author, had not seen.
using UnseenCells = std::vector<std::pair<ColumnId, Contribution>>;
[[nodiscard]] UnseenCells unseen_cells(const RowWrite& write, const RowChange& remove,
                                       const StoredRow& row);
[[nodiscard]] UnseenCells unseen_by(const Schema& schema, const StoredRow& row,
                                    const DeviceId& author, const Sight& sight);

/// A delete takes what its author could not see too, as long as it is not newer than what she had
/// seen of the row (`observed`); what is lost so is recorded (SEMANTICS B3).
void record_hidden_columns(const RowWrite& write, Position observed, const CellVersion& death,
                           WorkingRow& working);

/// A record of a row whose scope and commit are filled in when the batch ends.
[[nodiscard]] Conflict conflict_of(const Table& table, const StoredRow& row,
                                   std::optional<ColumnId> column, Contribution winner,
                                   Contribution loser);
/// Of a delete that did not happen: a person decides whether it should have.
[[nodiscard]] Conflict overruled_delete(const Table& table, const StoredRow& row,
                                        const Contribution& winner, const CellVersion& death);

[[nodiscard]] LostCell lost_cell(const Table& table, const RowChange& change,
                                 std::string_view column);

struct RowEffect {
  bool lives_anew = false;     ///< inserted or revived: its scope must be found
  bool scope_changed = false;  ///< the column that says its scope shows something else
  std::vector<LostCell> lost;
};

/// A row that the hub does not have, or a new life after a delete that its author had seen.
RowEffect insert_row(const RowWrite& write, const RowChange& change, WorkingRow& working);
/// An update of a live row, or an insert that met one.
RowEffect update_row(const RowWrite& write, const RowChange& change, WorkingRow& working);
/// A write to a row that stays dead: recorded cell by cell. `decided`: a decision said so, which
/// settles it.
RowEffect lose_to_death(const RowWrite& write, const RowChange& change,
                        const std::optional<CellVersion>& decided, WorkingRow& working);

}  // namespace doorstep
