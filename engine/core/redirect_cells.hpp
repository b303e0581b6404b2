// One cell of two rows that become one, and of one that becomes two again; for redirect.cpp and
// alias resolution. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/conflict.hpp"
#include "engine/core/duplicate.hpp"
#include "engine/core/merge_cell.hpp"

namespace doorstep {

/// Replaces key `from` by `to` wherever the column's cell holds it, also in contributions that are
/// not shown. Versions stay. Gives the versions of the contributions that changed; where the shown
/// value changes, the row's place in the feed becomes `commit`.
[[nodiscard]] std::vector<CellVersion> repoint(const Schema& schema, StoredRow& row,
                                               ColumnId column, const RowId& from, const RowId& to,
                                               Position commit);
/// The same, only of the contribution of that author and commit.
[[nodiscard]] bool repoint_one(const Schema& schema, StoredRow& row, ColumnId column,
                               const RowId& from, const RowId& to, const DeviceId& author,
                               Position position, Position commit);

/// Puts into the survivor's cell what the loser's holds: its value where the survivor has none; the
/// union, sum or further value where the policy makes one of both. Else the survivor's stands, and
/// the loser's is returned.
[[nodiscard]] std::optional<Contribution> combine_cell(const Table& table, StoredRow& survivor,
                                                       const StoredRow& loser, ColumnId column,
                                                       Position commit);
/// Takes out of the survivor's cell what combine_cell() put in, as far as it still stands.
/// `before`: the survivor as combine_cell() found it.
void part_cell(const Table& table, StoredRow& survivor, const StoredRow& before,
               const StoredRow& loser, ColumnId column, Position commit);
/// Takes one author's contribution of one commit out of a cell; `before` gives back what it alone
/// replaced. Of a counter, `amount` as well.
void withdraw_write(const Table& table, StoredRow& survivor, const StoredRow& before,
                    ColumnId column, const CellVersion& version, std::int64_t amount,
                    Position commit);

}  // namespace doorstep
