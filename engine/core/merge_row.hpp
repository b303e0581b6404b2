// One row of a transaction meets the row at the hub: insert, update, remove, revival (SEMANTICS B1,
// B6). Pure; changes only the WorkingRow given.
#pragma once

#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/merge_batch.hpp"
#include "engine/core/outcome.hpp"

namespace doorstep {

/// What is the same for every row of one transaction.
struct RowWrite {
  const Schema& schema;
  const IncomingTransaction& transaction;
  Position commit;

  [[nodiscard]] const DeviceId& author() const { return transaction.id.device; }
  [[nodiscard]] CellVersion version() const {
    return {commit, transaction.id.device, transaction.stamp};
  }
  /// Could the author see this column at all (SEMANTICS B3)?
  [[nodiscard]] bool shows(TableId table, ColumnId column) const {
    return transaction.view == nullptr || transaction.view->shows(table, column);
  }
  /// Did the author know of this write: her own, or one that she had observed?
  [[nodiscard]] bool has_seen(const CellVersion& other, Position observed) const {
    return other.author == author() || other.position <= observed;
  }
};

/// What the author had seen of the row as a whole.
[[nodiscard]] Position row_observed(const RowWrite& write, const RowChange& change);

struct RowEffect {
  bool lives_anew = false;     ///< inserted or revived: its scope must be found
  bool scope_changed = false;  ///< the column that says its scope shows something else
  std::vector<LostCell> lost;
};

/// Of a row whose scope and commit are filled in when the batch ends.
[[nodiscard]] Conflict conflict_of(const Table& table, const StoredRow& row,
                                   std::optional<ColumnId> column, Contribution winner,
                                   Contribution loser);
[[nodiscard]] LostCell lost_cell(const Table& table, const RowChange& change,
                                 std::string_view column);

/// Contributions that the author of a delete had not seen.
using UnseenCells = std::vector<std::pair<ColumnId, Contribution>>;

/// A row that the hub does not have.
RowEffect insert_row(const RowWrite& write, const RowChange& change, WorkingRow& working);
/// An update of a live row, or an insert that met one.
RowEffect update_row(const RowWrite& write, const RowChange& change, WorkingRow& working);
/// A delete of a live row: it dies, or an edit that the author had not seen keeps it.
RowEffect remove_row(const RowWrite& write, const RowChange& change, WorkingRow& working);
/// An update or insert of a dead row. `may_return` is false when its parent is gone for good.
RowEffect write_dead_row(const RowWrite& write, const RowChange& change, bool may_return,
                         WorkingRow& working);
/// Brings a dead row back as it was and records its delete as the loser, open for a person.
void revive_row(const RowWrite& write, WorkingRow& working);

}  // namespace doorstep
