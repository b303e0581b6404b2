#include "client-sdk/src/explain.hpp"

#include <algorithm>

#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/policy.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

struct Place {
  RowKey key;
  ColumnId column;
};

Result<Place> place_of(const Schema& schema, const CellName& cell) {
  const auto table_id = schema.find_table(cell.table);
  if (!table_id) return error(ErrorCode::unknown_table, std::string(cell.table));
  const Table& table = schema.table(*table_id);
  const auto column = table.find_column(cell.column);
  if (!column) {
    return error(ErrorCode::unknown_column,
                 std::string(cell.table) + "." + std::string(cell.column));
  }
  DS_ASSIGN(const RowId row, key_of(table, cell.row));
  return Place{{*table_id, row}, *column};
}

std::optional<Value> value_in(const Column& column, const CellChange& cell) {
  if (const auto* value = std::get_if<Value>(&cell.edit)) return *value;
  if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
    return Value::integer(delta->amount);
  }
  const auto& edit = std::get<SetEdit>(cell.edit);
  return rules_of(column.policy).shape == PolicyRules::Shape::elements
             ? std::optional(format_set(edit.adds))
             : std::nullopt;
}

/// What the row's own unconfirmed transactions write to the cell.
Status add_pending(sqlite::Database& db, const Schema& schema, const DeviceId& self,
                   const Place& place, const PendingRow& row, Explanation& out) {
  const Column& column = schema.table(place.key.table).column(place.column);
  for (const Sequence sequence : row.sequences) {
    DS_ASSIGN(auto read, db.prepare("SELECT body FROM ds_outbox WHERE sequence = ?1"));
    read.bind_unsigned(1, sequence.value);
    DS_ASSIGN(const bool found, read.step());
    if (!found) continue;
    DS_ASSIGN(const Transaction transaction, transaction_in(schema, read.blob(0)));
    for (const RowChange& change : transaction.changes) {
      if (change.table != place.key.table || change.row != place.key.row) continue;
      for (const CellChange& cell : change.cells) {
        if (cell.column != place.column || change.kind == RowChange::Kind::remove) continue;
        const auto value = value_in(column, cell);
        if (!value) continue;
        Candidate candidate;
        candidate.value = *value;
        candidate.place = "pending";
        candidate.author = self;
        candidate.claimed_time = to_rfc3339(Instant{transaction.time.clock.wall_ms});
        out.candidates.push_back(std::move(candidate));
      }
    }
  }
  return {};
}

/// Columns of a group conflict as one cell, on record at the first of them.
const std::string& recorded_at(const Table& table, ColumnId column) {
  const std::string& group = table.column(column).group;
  if (group.empty()) return table.column(column).name;
  return std::find_if(table.columns.begin(), table.columns.end(),
                      [&](const Column& one) { return one.group == group; })
      ->name;
}

bool is_among(const std::vector<Candidate>& all, const Value& value, const DeviceId& author,
              std::string_view time) {
  return std::any_of(all.begin(), all.end(), [&](const Candidate& one) {
    return one.value == value && one.author == author && one.time == time;
  });
}

void add_conflicts(const std::vector<ConflictInfo>& conflicts, Explanation& out) {
  for (const ConflictInfo& conflict : conflicts) {
    Candidate lost;
    lost.value = conflict.loser;
    lost.place = "lost";
    lost.author = conflict.loser_author;
    lost.time = conflict.loser_time;
    lost.conflict = conflict;
    if (conflict.decided_by && !out.decided_by) {
      out.decided_by = conflict.decided_by;
      out.decided_time = conflict.decided_time;
    }
    if (!is_among(out.candidates, conflict.winner, conflict.winner_author, conflict.winner_time)) {
      Candidate stood;
      stood.value = conflict.winner;
      stood.place = "stood";
      stood.author = conflict.winner_author;
      stood.time = conflict.winner_time;
      out.candidates.push_back(std::move(stood));
    }
    out.candidates.push_back(std::move(lost));
  }
}

}  // namespace

Result<Explanation> explain_cell(sqlite::Database& db, const Schema& schema, const CellName& cell) {
  DS_ASSIGN(const Place place, place_of(schema, cell));
  const Table& table = schema.table(place.key.table);
  Explanation out;
  out.table = table.name;
  out.row = cell.row;
  out.column = cell.column;
  out.policy = name_of(table.column(place.column).policy);
  RowTables tables(db, schema, RowAccess::read);
  DS_ASSIGN(RowTable* const rows, tables.of(place.key.table));
  DS_ASSIGN(const auto shown, rows->read(place.key.row));
  out.live = shown.has_value();
  if (shown) out.shown = out.hub_value = shown->values[place.column.index];
  Candidate first;
  first.value = out.shown;
  first.place = "shown";
  out.candidates.push_back(std::move(first));
  PendingRows pending_rows(db, schema);
  DS_ASSIGN(const auto pending, pending_rows.find(place.key));
  if (pending) {
    out.pending = pending->sequences.size();
    out.hub_value = pending->base ? pending->base->values[place.column.index] : Value::null();
    DS_ASSIGN(const ReplicaState state, load_state(db));
    DS_TRY(add_pending(db, schema, state.device, place, *pending, out));
  }
  ConflictFilter filter;
  filter.table = table.name;
  filter.row = cell.row;
  filter.column = recorded_at(table, place.column);
  DS_ASSIGN(const auto conflicts, read_conflicts(db, filter));
  add_conflicts(conflicts, out);
  return out;
}

}  // namespace doorstep
