// One cell of a hub's row while writes meet in it (SEMANTICS B1, B4). Pure.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/sight.hpp"

namespace doorstep {

/// A cell written out in full: also the lone contribution that a row keeps without an entry. Of a
/// group, at its first column, the whole of it (group.hpp): `shown` is a tuple.
struct Cell {
  Value shown;
  CellState state;
};

[[nodiscard]] Cell open_cell(const Table& table, const StoredRow& row, ColumnId column);
/// Puts the cell back into the row, a group into all its columns; without an entry where the row's
/// base says the same.
void close_cell(const Table& table, StoredRow& row, Cell cell);
/// When every cell is one contribution of one and the same version and holds a value, the row's
/// base says it all. A NULL at the base's version so is always one that an insert left out.
void fold_to_base(const Table& table, StoredRow& row);

/// What one transaction does to one cell.
struct CellWrite {
  const std::variant<Value, CounterDelta, SetEdit>& edit;
  DeviceId author;
  Stamp stamp;
  Sight sight;  ///< what the author had seen of this cell
  Position commit;
  Decision decision = Decision::none;
};

/// Did the author of `write` know of this one: her own, or one that she had observed?
[[nodiscard]] inline bool is_seen(const CellVersion& version, const CellWrite& write) {
  return version.author == write.author || write.sight.sees(version);
}

struct CellEffect {
  bool lost = false;                    ///< the value written is not shown
  std::vector<Contribution> replaced;   ///< by this one; their authors' or others that it had seen
  std::vector<Contribution> dropped;    ///< pushed out by a limit; to be recorded
  std::vector<Contribution> filed;      ///< settled by a decision; to be recorded so
  std::optional<CellVersion> reopened;  ///< the decision that this write took back
};

/// Keeps what the author had not seen, replaces the rest, and shows what the policy makes of it.
/// Where the shown value changes, state.changed becomes the commit. The new contribution's stamp is
/// raised above every one that it replaced (a hybrid logical clock), so that a wrong clock never
/// undoes causality. A value that outlasts what its policy ranks below it is not replaced.
/// Precondition: the edit is of the kind that the column's policy takes.
[[nodiscard]] CellEffect write_cell(const Column& column, Cell& cell, const CellWrite& write);

/// Contributions of others that an author with this sight has not seen. Marks of
/// counters come with the column's sum, marks of sets with that author's elements.
[[nodiscard]] std::vector<Contribution> unseen_in(const Column& column, const Cell& cell,
                                                  const DeviceId& author, const Sight& sight);

/// The contribution that stands first; of a counter or set its newest mark.
[[nodiscard]] Contribution winner_of(const Column& column, const Cell& cell);
/// Contributions that are not shown: the conflict.
[[nodiscard]] std::vector<Contribution> losers_of(const Column& column, const Cell& cell);

}  // namespace doorstep
