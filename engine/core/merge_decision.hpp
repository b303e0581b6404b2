// Decisions of people about what met in a cell, or about a delete that met an edit (SEMANTICS B5).
// A decision is a write like any; what sets it apart:
//   - the conflict records of its cell (or of its row's deletes) become decided, by whom and when;
//   - what its author had not seen and was stamped before it is filed as decided and not shown;
//     what was stamped after it opens the matter again, by the column's policy;
//   - two that had not seen each other meet by position: the earlier one stands, whatever the
//     column's policy, and the second decider is told;
//   - reopen takes it back: the records are open again.
// Pure; changes only what is given.
#pragma once

#include <optional>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_cell.hpp"
#include "engine/core/merge_delete.hpp"
#include "engine/core/merge_row.hpp"

namespace doorstep {

/// Was `one` made before the decision? Where intervals overlap their ends decide, as for `latest`.
[[nodiscard]] bool is_settled_by(const CellVersion& decision, const CellVersion& one);

/// Before a write takes effect in a cell of whole values: true when it must not, because of the
/// decision that stands there, or because it takes back one that does not. The effect says what
/// became of it.
[[nodiscard]] bool yields_to_decision(Cell& cell, const CellWrite& write, CellEffect& effect);

/// The write is in the cell: when it decides, what is older and was not seen leaves the cell; when
/// it reopens, nothing is decided any more.
void mark_decided(CellState& state, const CellWrite& write, CellEffect& effect);

/// Puts on record what a write's decision did to its column.
void record_decision(const Table& table, ColumnId column, const Cell& cell, const CellWrite& write,
                     CellEffect& effect, WorkingRow& working);

/// What a decision about a row as a whole comes to, beside what is written here.
struct RowDecision {
  bool goes_on = false;  ///< the rest of the change is still to be written
  /// The row, and all that died with it, is to come back; what to say of its delete.
  std::optional<Revival> revival = std::nullopt;
};
/// A change that decides about the row as a whole: an update keeps it, or brings it back; a reopen
/// takes the decision back. A remove that decides is one of Deletions, with the two below. It does
/// not go on when it lost to an earlier decision, or the row cannot come back.
[[nodiscard]] RowDecision decide_row(const RowWrite& write, const RowChange& change,
                                     bool may_return, WorkingRow& working, RowEffect& effect);

/// A delete of a live row meets a decision that its author had not seen: true when it yields.
[[nodiscard]] bool delete_yields(const RowWrite& write, const RowChange& change,
                                 WorkingRow& working, RowEffect& effect);
/// A delete that decides is about to take effect: of what it had not seen, what is older is filed
/// and no longer holds it up.
void file_older_edits(const RowWrite& write, UnseenCells& unseen, WorkingRow& working);
/// It took effect: the row is gone by decision.
void mark_row_decided(const RowWrite& write, WorkingRow& working);

/// Is the row dead by a decision that settles this write, which had not seen it?
[[nodiscard]] bool is_gone_by_decision(const RowWrite& write, const StoredRow& row);

}  // namespace doorstep
