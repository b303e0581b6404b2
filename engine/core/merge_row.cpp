#include "engine/core/merge_row.hpp"

#include <algorithm>

#include "engine/core/merge_cell.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {

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

LostCell lost_cell(const Table& table, const RowChange& change, std::string_view column) {
  return {table.name, change.row, std::string(column)};
}

namespace {

/// A delete that did not happen: a person decides whether it should have.
Conflict overruled_delete(const Table& table, const StoredRow& row, const CellVersion& winner,
                          const CellVersion& death) {
  Conflict conflict =
      conflict_of(table, row, std::nullopt, {Value::null(), winner}, {Value::null(), death});
  conflict.state = ConflictState::open;
  return conflict;
}

bool is_scope_column(const Table& table, ColumnId column) {
  return table.scope.kind != ScopeRule::Kind::key && table.scope.column == column;
}

/// Writes the cells of a change into a live row; `unseen_row`: the author did not know of the row.
void write_cells(const RowWrite& write, const RowChange& change, bool unseen_row,
                 WorkingRow& working, RowEffect& effect) {
  const Table& table = write.schema.table(change.table);
  StoredRow& row = *working.row;
  for (const CellChange& change_cell : change.cells) {
    const Column& column = table.column(change_cell.column);
    Cell cell = open_cell(table, row, change_cell.column);
    Position observed =
        unseen_row ? Position{} : observed_of(write.transaction.content, change, change_cell);
    // An insert says nothing about the columns that it leaves out, so another insert is no rival
    // there.
    const bool left_out = cell.shown.is_null() && row.find_cell(change_cell.column) == nullptr;
    if (change.kind == RowChange::Kind::insert && left_out) observed = row.base.position;
    const Value before = cell.shown;
    const CellWrite one{change_cell.edit, write.author(), write.transaction.stamp,
                        observed,         write.commit,   change_cell.decision};
    CellEffect done = write_cell(column, cell, one);
    if (cell.shown != before) {
      row.position = write.commit;
      effect.scope_changed |= is_scope_column(table, change_cell.column);
    }
    if (done.lost) effect.lost.push_back(lost_cell(table, change, column.name));
    if (done.retired) working.retired.emplace_back(change_cell.column, done.retired->version);
    for (Contribution& dropped : done.dropped) {
      working.recorded.push_back(
          conflict_of(table, row, change_cell.column, winner_of(column, cell), std::move(dropped)));
    }
    record_decision(table, change_cell.column, cell, one, done, working);
    close_cell(row, std::move(cell));
  }
  fold_to_base(table, row);
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
  row.image.values.assign(table.columns.size(), Value::null());
  for (const CellChange& cell : change.cells) {
    Value& value = row.image.values[cell.column.index];
    if (const auto* plain = std::get_if<Value>(&cell.edit)) {
      value = *plain;
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

/// The row stays dead; what was written is recorded cell by cell.
RowEffect lose_to_death(const RowWrite& write, const RowChange& change, WorkingRow& working) {
  const Table& table = write.schema.table(change.table);
  const StoredRow& row = *working.row;
  RowEffect effect;
  const bool decided = is_gone_by_decision(write, row);
  for (const CellChange& cell : change.cells) {
    working.recorded.push_back(conflict_of(table, row, cell.column, {Value::null(), *row.death},
                                           {recorded_value(row, cell), write.version()}));
    if (decided) {
      working.recorded.back().state = ConflictState::decided;
      working.recorded.back().decision = row.decision;
    }
    effect.lost.push_back(lost_cell(table, change, table.column(cell.column).name));
  }
  return effect;
}

Position cell_observed(const RowWrite& write, const RowChange& change, ColumnId column) {
  const auto found = std::find_if(change.cells.begin(), change.cells.end(),
                                  [&](const CellChange& cell) { return cell.column == column; });
  return found != change.cells.end() && found->observed ? *found->observed
                                                        : row_observed(write, change);
}

UnseenCells unseen_cells(const RowWrite& write, const RowChange& change, const StoredRow& row) {
  const Table& table = write.schema.table(change.table);
  UnseenCells unseen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    const Position observed = cell_observed(write, change, column);
    if (row.find_cell(column) == nullptr && write.has_seen(row.base, observed)) continue;
    const Cell cell = open_cell(table, row, column);
    for (Contribution& one : unseen_in(table.column(column), cell, write.author(), observed)) {
      unseen.emplace_back(column, std::move(one));
    }
  }
  return unseen;
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

Position row_observed(const RowWrite& write, const RowChange& change) {
  return change.observed.value_or(write.transaction.content.observed);
}

RowEffect insert_row(const RowWrite& write, const RowChange& change, WorkingRow& working) {
  begin_life(write, change, write.version(), working.row.emplace());
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

RowEffect remove_row(const RowWrite& write, const RowChange& change, WorkingRow& working) {
  RowEffect effect;
  const Table& table = write.schema.table(change.table);
  StoredRow& row = *working.row;
  if (delete_yields(write, change, working, effect)) return effect;
  UnseenCells unseen = unseen_cells(write, change, row);
  file_older_edits(write, change, unseen, working);
  const CellVersion death = write.version();
  if (!unseen.empty() && table.on_delete == DeletePolicy::edit_wins) {
    working.recorded.push_back(overruled_delete(table, row, unseen.front().second.version, death));
    working.recorded.back().winner = unseen.front().second;
    effect.lost.push_back(lost_cell(table, change, ""));
    return effect;
  }
  for (const auto& [column, contribution] : unseen) {
    // An insert said nothing about the columns that it left out.
    if (contribution.value.is_null() && contribution.version == row.base) continue;
    working.recorded.push_back(
        conflict_of(table, row, column, {Value::null(), death}, contribution));
  }
  row.live = false;
  row.death = death;
  row.position = write.commit;
  if (change.decision == Decision::decide) mark_row_decided(write, working);
  return effect;
}

RowEffect write_dead_row(const RowWrite& write, const RowChange& change, bool may_return,
                         WorkingRow& working) {
  StoredRow& row = *working.row;
  const Table& table = write.schema.table(change.table);
  RowEffect effect;
  if (write.has_seen(*row.death, row_observed(write, change))) {
    if (change.kind != RowChange::Kind::insert) return lose_to_death(write, change, working);
    CellVersion version = write.version();
    version.stamp = version.stamp.raised_after(row.death->stamp);
    begin_life(write, change, version, row);
    effect.lives_anew = true;
    return effect;
  }
  if (table.on_delete == DeletePolicy::delete_wins || !may_return ||
      is_gone_by_decision(write, row)) {
    return lose_to_death(write, change, working);
  }
  revive_row(write, working);
  const bool stranger = is_stranger(table, change, row);
  write_cells(write, change, stranger, working, effect);
  effect.lives_anew = true;
  return effect;
}

void revive_row(const RowWrite& write, WorkingRow& working) {
  StoredRow& row = *working.row;
  const Table& table = write.schema.table(row.table);
  working.recorded.push_back(overruled_delete(table, row, write.version(), *row.death));
  row.live = true;
  row.collected = false;
  row.death.reset();
  row.position = row.since = write.commit;
}

}  // namespace doorstep
