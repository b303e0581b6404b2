#include "client-sdk/src/decision_notes.hpp"

#include <algorithm>

#include "client-sdk/src/conflict_records.hpp"
#include "engine/core/group.hpp"

namespace doorstep {
namespace {

/// The place of the row's change, made when the transaction did not touch the row.
Result<std::size_t> place_of(const DecisionNote& note, RowTables& tables, std::vector<NetRow>& rows,
                             std::vector<RowChange>& changes) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const NetRow& row) { return row.key == note.key; });
  const auto place = static_cast<std::size_t>(found - rows.begin());
  if (found == rows.end()) {
    DS_ASSIGN(RowTable* const table, tables.of(note.key.table));
    DS_ASSIGN(const auto shown, table->read(note.key.row));
    rows.push_back({note.key, shown, shown, false});
    changes.emplace_back();
  }
  RowChange& change = changes[place];
  if (change.row.empty()) {
    change.table = note.key.table;
    change.row = note.key.row;
    change.kind = note.goes ? RowChange::Kind::remove : RowChange::Kind::update;
  }
  return place;
}

// All columns of a group are written with the decision, as with any write of one of them.
void mark_cell(const Table& table, const DecisionNote& note, const NetRow& row, RowChange& change) {
  for (const ColumnId column : cell_columns(table, *note.column)) {
    auto at = std::lower_bound(
        change.cells.begin(), change.cells.end(), column,
        [](const CellChange& cell, ColumnId wanted) { return cell.column < wanted; });
    if (at == change.cells.end() || at->column != column) {
      at = change.cells.insert(
          at, {column, row.after->values[column.index], std::nullopt, Decision::none});
    }
    at->decision = note.decision;
  }
}

}  // namespace

Status add_decisions(const std::vector<DecisionNote>& notes, const Schema& schema,
                     RowTables& tables, std::vector<NetRow>& rows,
                     std::vector<RowChange>& changes) {
  for (const DecisionNote& note : notes) {
    DS_ASSIGN(const std::size_t place, place_of(note, tables, rows, changes));
    if (!note.column) {
      changes[place].decision = note.decision;
    } else if (rows[place].after) {
      mark_cell(schema.table(note.key.table), note, rows[place], changes[place]);
    } else {
      return error(ErrorCode::not_found, "a row of " + schema.table(note.key.table).name);
    }
  }
  return {};
}

Status show_decisions(const std::vector<DecisionNote>& notes, sqlite::Database& db,
                      const Schema& schema, Sequence sequence) {
  for (const DecisionNote& note : notes) {
    const Table& table = schema.table(note.key.table);
    const std::string_view column =
        note.column ? std::string_view(table.column(*note.column).name) : std::string_view();
    DS_TRY(show_decision(
        db, table, note.key.row, column,
        note.decision == Decision::decide ? ConflictState::decided : ConflictState::open,
        sequence));
  }
  return {};
}

}  // namespace doorstep
