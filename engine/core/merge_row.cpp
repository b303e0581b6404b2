#include "engine/core/merge_row.hpp"

#include <algorithm>

#include "engine/core/assert.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/group.hpp"
#include "engine/core/merge_cell.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

bool is_scope_column(const Table& table, ColumnId column) {
  return table.scope.kind != ScopeRule::Kind::key && table.scope.column == column;
}

/// What the author had seen of a cell that she writes: nothing of a column that she could not see,
/// unless the change says otherwise (SEMANTICS B3).
Sight seen_of_cell(const RowWrite& write, const RowChange& change, const CellChange& cell) {
  if (!cell.observed && !write.shows(change.table, cell.column)) return {};
  return write.sight(observed_of(write.transaction.content, change, cell));
}

/// Whoever was first to replace an author's contribution of a commit decides what became of it; who
/// wrote a thousand times in one commit is noted once, for the row is copied with each transaction.
void note_replaced(Replaced one, WorkingRow& working) {
  const bool noted =
      std::any_of(working.replaced.begin(), working.replaced.end(), [&](const Replaced& earlier) {
        return earlier.column == one.column && earlier.version.author == one.version.author &&
               earlier.version.position == one.version.position;
      });
  if (!noted) working.replaced.push_back(std::move(one));
}

/// Writes the cells of a change into a live row; `unseen_row`: the author did not know of the row.
void write_cells(const RowWrite& write, const RowChange& change, bool unseen_row,
                 WorkingRow& working, RowEffect& effect) {
  const Table& table = write.schema.table(change.table);
  StoredRow& row = *working.row;
  for (const CellChange& change_cell : change.cells) {
    const Column& column = table.column(change_cell.column);
    Cell cell = open_cell(table, row, change_cell.column);
    Sight sight = unseen_row ? Sight() : seen_of_cell(write, change, change_cell);
    // An insert says nothing about the columns that it leaves out, so another insert is no rival
    // there, nor is the first write of someone who did not see the column.
    const bool left_out = cell.shown.is_null() && row.find_cell(change_cell.column) == nullptr;
    const bool first_sight =
        sight.observed() == Position{} && row.base.position <= row_observed(write, change);
    if (left_out && (change.kind == RowChange::Kind::insert || first_sight))
      sight = row.base.position;
    const Value before = cell.shown;
    const CellWrite one{change_cell.edit, write.author(),      write.transaction.stamp, sight,
                        write.commit,     change_cell.decision};
    CellEffect done = write_cell(column, cell, one);
    if (cell.shown != before) {
      row.position = write.commit;
      effect.scope_changed |= is_scope_column(table, change_cell.column);
    }
    if (done.lost) effect.lost.push_back(lost_cell(table, change, column.name));
    for (const Contribution& old : done.replaced) {
      note_replaced({change_cell.column, old.version, write.version()}, working);
    }
    for (Contribution& dropped : done.dropped) {
      working.recorded.push_back(
          conflict_of(table, row, change_cell.column, winner_of(column, cell), std::move(dropped)));
    }
    record_decision(table, change_cell.column, cell, one, done, working);
    close_cell(table, row, std::move(cell));
  }
  fold_to_base(table, row);
}

void begin_cell(const Table& table, ColumnId lead, const Value& value, RowImage& image) {
  if (table.column(lead).group.empty()) {
    image.values[lead.index] = value;
    return;
  }
  const std::vector<ColumnId> columns = cell_columns(table, lead);
  const auto values = values_of_cell(table, columns, value);
  DS_ASSERT(values.has_value());
  for (std::size_t i = 0; i < columns.size(); ++i) image.values[columns[i].index] = (*values)[i];
}

/// The first life of a row, or a new one after a delete that its author knew of: every column is
/// hers.
void begin_life(const RowWrite& write, const RowChange& change, const CellVersion& version,
                StoredRow& row) {
  const Table& table = write.schema.table(change.table);
  row.table = change.table;
  row.id = change.row;
  row.live = true;
  row.collected = false;
  row.position = row.since = write.commit;
  row.base = version;
  row.death.reset();
  row.decision.reset();
  row.cells.clear();
  row.taken_along.clear();
  row.image.values.assign(table.columns.size(), Value::null());
  for (const CellChange& cell : change.cells) {
    Value& value = row.image.values[cell.column.index];
    if (const auto* plain = std::get_if<Value>(&cell.edit)) {
      begin_cell(table, cell.column, *plain, row.image);
    } else if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
      value = Value::integer(delta->amount);
    } else {
      value = format_set(std::get<SetEdit>(cell.edit).adds);
    }
  }
}

/// What an edit would have shown, as unseen_in() has it of one that came before the delete: the sum
/// of a counter, the elements added to a set.
Value recorded_value(const StoredRow& row, const CellChange& cell) {
  if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
    const std::int64_t sum = counter_of(row.image.values[cell.column.index]);
    return Value::integer(add_counters(sum, delta->amount));
  }
  if (const auto* edit = std::get_if<SetEdit>(&cell.edit)) return format_set(edit->adds);
  return std::get<Value>(cell.edit);
}

Sight cell_sight(const RowWrite& write, const RowChange& change, ColumnId column) {
  const auto found = std::find_if(change.cells.begin(), change.cells.end(),
                                  [&](const CellChange& cell) { return cell.column == column; });
  return found != change.cells.end() && found->observed ? write.sight(*found->observed)
                                                        : row_sight(write, change);
}

/// Each cell once: a group is looked at by its first column.
void add_unseen(const Table& table, const StoredRow& row, ColumnId column, const DeviceId& author,
                const Sight& sight, UnseenCells& unseen) {
  if (lead_of(table, column) != column) return;
  const bool seen = row.base.author == author || sight.sees(row.base);
  if (seen && row.find_cell(column) == nullptr) return;
  const Cell cell = open_cell(table, row, column);
  for (Contribution& one : unseen_in(table.column(column), cell, author, sight)) {
    unseen.emplace_back(column, std::move(one));
  }
}

/// An insert met a live row. When it says another scope, its author cannot have seen that row.
bool is_stranger(const Table& table, const RowChange& change, const StoredRow& row) {
  if (change.kind != RowChange::Kind::insert) return false;
  return std::any_of(change.cells.begin(), change.cells.end(), [&](const CellChange& cell) {
    if (!is_scope_column(table, cell.column)) return false;
    const auto* value = std::get_if<Value>(&cell.edit);
    return value != nullptr && *value != row.image.values[cell.column.index];
  });
}

}  // namespace

Sight row_sight(const RowWrite& write, const RowChange& change) {
  return write.sight(change.observed.value_or(write.transaction.content.observed));
}

LostCell lost_cell(const Table& table, const RowChange& change, std::string_view column) {
  return {table.name, change.row, std::string(column)};
}

Conflict conflict_of(const Table& table, const StoredRow& row, std::optional<ColumnId> column,
                     Contribution winner, Contribution loser) {
  Conflict conflict;
  const std::string_view name = column ? std::string_view(table.column(*column).name) : "";
  conflict.id = conflict_id_of(table.name, row.id, name, loser.version);
  conflict.key = row.key();
  conflict.column = column;
  if (column) conflict.policy = table.column(*column).policy;
  conflict.winner = std::move(winner);
  conflict.loser = std::move(loser);
  return conflict;
}

Conflict overruled_delete(const Table& table, const StoredRow& row, const Contribution& winner,
                          const CellVersion& death) {
  Conflict conflict = conflict_of(table, row, std::nullopt, winner, {Value::null(), death});
  conflict.state = ConflictState::open;
  return conflict;
}

UnseenCells unseen_cells(const RowWrite& write, const RowChange& remove, const StoredRow& row) {
  const Table& table = write.schema.table(remove.table);
  UnseenCells unseen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    add_unseen(table, row, column, write.author(), cell_sight(write, remove, column), unseen);
  }
  return unseen;
}

void record_hidden_columns(const RowWrite& write, Position observed, const CellVersion& death,
                           WorkingRow& working) {
  if (write.transaction.view == nullptr || DS_DEFECT("hidden_loss_forgotten")) return;
  const StoredRow& row = *working.row;
  const Table& table = write.schema.table(row.table);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    if (write.shows(row.table, column) || lead_of(table, column) != column) continue;
    if (row.image.values[i].is_null()) continue;
    const Cell cell = open_cell(table, row, column);
    for (Contribution& one : unseen_in(table.column(column), cell, write.author(), Position{})) {
      if (one.version.position > observed) continue;  // recorded as an edit that she had not seen
      working.recorded.push_back(
          conflict_of(table, row, column, {Value::null(), death}, std::move(one)));
    }
  }
}

UnseenCells unseen_by(const Schema& schema, const StoredRow& row, const DeviceId& author,
                      const Sight& sight) {
  const Table& table = schema.table(row.table);
  UnseenCells unseen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    add_unseen(table, row, {static_cast<std::uint16_t>(i)}, author, sight, unseen);
  }
  return unseen;
}

RowEffect insert_row(const RowWrite& write, const RowChange& change, WorkingRow& working) {
  CellVersion version = write.version();
  if (working.row) {
    version.stamp = version.stamp.raised_after(working.row->death->stamp);
  } else {
    working.row.emplace();
  }
  begin_life(write, change, version, *working.row);
  RowEffect effect;
  effect.lives_anew = true;
  return effect;
}

RowEffect update_row(const RowWrite& write, const RowChange& change, WorkingRow& working) {
  RowEffect effect;
  const Table& table = write.schema.table(change.table);
  write_cells(write, change, is_stranger(table, change, *working.row), working, effect);
  return effect;
}

RowEffect lose_to_death(const RowWrite& write, const RowChange& change,
                        const std::optional<CellVersion>& decided, WorkingRow& working) {
  const Table& table = write.schema.table(change.table);
  const StoredRow& row = *working.row;
  RowEffect effect;
  for (const CellChange& cell : change.cells) {
    const auto* delta = std::get_if<CounterDelta>(&cell.edit);
    if (delta != nullptr && delta->amount == 0) continue;  // it said nothing
    working.recorded.push_back(conflict_of(table, row, cell.column, {Value::null(), *row.death},
                                           {recorded_value(row, cell), write.version()}));
    if (decided) {
      working.recorded.back().state = ConflictState::decided;
      working.recorded.back().decision = decided;
    }
    effect.lost.push_back(lost_cell(table, change, table.column(cell.column).name));
  }
  return effect;
}

}  // namespace doorstep
