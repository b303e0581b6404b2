// The device's prediction (SEMANTICS B2, C1): rows shown are the hub's values folded with the
// device's own unconfirmed changes, in order. No policy runs here. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/row.hpp"
#include "engine/core/scan_point.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// What own changes, in order, have made of a row by inserting it: nullopt when none inserts it,
/// when it was there before (`base` with the changes ahead of the insert), or when it is gone
/// again.
[[nodiscard]] std::optional<RowImage> own_insert(const Table& table, std::optional<RowImage> base,
                                                 std::span<const RowChange* const> changes);

/// The row shown: `base` (nullopt: the hub has no such row) with `changes` of this row folded in.
/// Assignments assign, counters add (NULL counts as 0), set edits apply, a remove takes the row
/// away, an insert or, after a remove, any write brings it back. An update on an absent base gives
/// nullopt.
[[nodiscard]] std::optional<RowImage> fold(const Table& table, std::optional<RowImage> base,
                                           std::span<const RowChange* const> changes);

/// The net change that turns `before` into `after` (nullopt: no row) as one RowChange without
/// observed; nullopt when nothing changed. Counters become deltas, sets edits (SEMANTICS C3).
[[nodiscard]] std::optional<RowChange> net_change(const Table& table, TableId table_id,
                                                  const RowId& row,
                                                  const std::optional<RowImage>& before,
                                                  const std::optional<RowImage>& after);

/// What the user had seen of each cell of one row that has unconfirmed own writes.
struct Carry {
  std::optional<Position> row;         ///< of an unconfirmed insert or remove: for every cell
  std::map<ColumnId, Position> cells;  ///< of cells with an unconfirmed own write
  /// In a set only the elements written are hidden behind the own write; what else was pulled is
  /// shown.
  std::map<ColumnId, std::map<std::string, Position>> elements;
  friend bool operator==(const Carry&, const Carry&) = default;
};

/// From the row's unconfirmed changes, in order, with the position each had observed.
struct ObservedChange {
  const RowChange* change = nullptr;
  Position transaction_observed;
};
[[nodiscard]] Carry carry_of(std::span<const ObservedChange> changes);
/// Of the row's last copy: columns that it never showed are carried as observed 0, unless an
/// unconfirmed change wrote them (SEMANTICS B2).
void carry_unseen(const Table& table, std::span<const NewColumn> columns, Carry& carry);

/// Writes the observed that differ from `cursor` into a freshly captured change: a cell with an
/// unconfirmed own write takes that write's (in a set: an element; an edit of several elements
/// takes the earliest, so that nothing unseen is removed); a delete carries cell by cell; counters
/// do not carry, for what was pulled is part of the sum that was shown.
void apply_carry(const Table& table, const Carry& carry, Position cursor, RowChange& change);

/// A column that has come with a newer schema and is not filled from the hub yet was not seen: its
/// cells in a freshly captured change are observed zero, unless they carry something (SEMANTICS
/// B3). `new_columns` is ascending.
void mark_unseen(const Table& table, std::span<const NewColumn> new_columns, RowChange& change);

}  // namespace doorstep
