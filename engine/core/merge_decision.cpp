#include "engine/core/merge_decision.hpp"

#include <algorithm>
#include <tuple>

#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

bool is_same(const CellVersion& a, const CellVersion& b) {
  return a.author == b.author && a.position == b.position;
}

bool stands_in(const Cell& cell, const CellVersion& version) {
  const auto& all = cell.state.contributions;
  return std::any_of(all.begin(), all.end(),
                     [&](const Contribution& one) { return is_same(one.version, version); });
}

/// Does the cell still hold what was decided? Its author may have gone on in the same commit; her
/// stamps rise.
bool holds_decision(const Cell& cell, const CellVersion& decision) {
  const auto& all = cell.state.contributions;
  return std::any_of(all.begin(), all.end(),
                     [&](const Contribution& one) { return one.version == decision; });
}

/// A decided record of a loser that is in no cell; one that exists keeps what it says of both
/// sides.
void file(Conflict record, const CellVersion& decision, WorkingRow& working) {
  if (working.known.contains(record.id)) return;
  record.state = ConflictState::decided;
  record.decision = decision;
  working.recorded.push_back(std::move(record));
}

/// `still_there`: the loser contests the cell again, so its record is not the decision's.
template <class StillThere>
void settle_records(WorkingRow& working, std::optional<ColumnId> column,
                    const CellVersion& decision, StillThere still_there) {
  for (auto& [id, record] : working.known) {
    if (record.column != column || still_there(record)) continue;
    record.state = ConflictState::decided;
    record.decision = decision;
    working.settled.insert(id);
  }
  // Those of this commit are not known yet.
  for (Conflict& record : working.recorded) {
    if (record.column != column || record.withdrawn || still_there(record)) continue;
    record.state = ConflictState::decided;
    record.decision = decision;
  }
}

void reopen_records(WorkingRow& working, std::optional<ColumnId> column,
                    const CellVersion& decision) {
  for (auto& [id, record] : working.known) {
    if (record.column != column || !record.decision) continue;
    if (!is_same(*record.decision, decision)) continue;
    record.state = ConflictState::open;
    record.decision.reset();
    working.settled.insert(id);
    if (!column) working.row->overruled.push_back(record.loser.version);
  }
  for (Conflict& record : working.recorded) {
    if (record.column != column || !record.decision) continue;
    if (!is_same(*record.decision, decision)) continue;
    record.state = ConflictState::open;
    record.decision.reset();
    if (!column) working.row->overruled.push_back(record.loser.version);
  }
}

bool keeps(const RowChange& change) { return change.kind != RowChange::Kind::remove; }

/// The second of two decisions about a row that say different things.
void lose_to_decision(const RowWrite& write, const RowChange& change, WorkingRow& working,
                      RowEffect& effect) {
  const Table& table = write.schema.table(change.table);
  const StoredRow& row = *working.row;
  effect.lost.push_back(lost_cell(table, change, ""));
  if (change.decision == Decision::reopen) return;
  file(conflict_of(table, row, std::nullopt, {Value::null(), *row.decision},
                   {Value::null(), write.version()}),
       *row.decision, working);
}

/// True when the row had died by that decision.
bool reopen_row(WorkingRow& working) {
  StoredRow& row = *working.row;
  const CellVersion decision = *row.decision;
  reopen_records(working, std::nullopt, decision);
  row.decision.reset();
  return !row.live && row.death && is_same(*row.death, decision);
}

}  // namespace

bool is_settled_by(const CellVersion& decision, const CellVersion& one) {
  return std::tie(one.stamp.hi, one.author) < std::tie(decision.stamp.hi, decision.author);
}

bool yields_to_decision(Cell& cell, const CellWrite& write, CellEffect& effect) {
  const Contribution written{std::get<Value>(write.edit),
                             {write.commit, write.author, write.stamp}};
  const auto lose = [&] { effect.lost = written.value != cell.shown; };
  auto& decision = cell.state.decision;
  const bool seen = decision && is_seen(*decision, write);
  if (write.decision == Decision::reopen) {
    if (!seen) {
      lose();
      return true;
    }
    effect.reopened = decision;
    if (holds_decision(cell, *decision)) return false;
    // Somebody went on from the decision: that value stays, only the matter is open again.
    decision.reset();
    lose();
    return true;
  }
  if (!decision || seen) return false;
  if (write.decision == Decision::none && !is_settled_by(*decision, written.version)) return false;
  lose();
  if (effect.lost) effect.filed.push_back(written);
  return true;
}

void mark_decided(CellState& state, const CellWrite& write, CellEffect& effect) {
  if (write.decision == Decision::none) return;
  if (write.decision == Decision::reopen) {
    state.decision.reset();
    return;
  }
  const auto mine =
      std::find_if(state.contributions.begin(), state.contributions.end(),
                   [&](const Contribution& one) { return one.version.author == write.author; });
  const Contribution decided = *mine;
  state.decision = decided.version;
  // Its own earlier value lost like the others; its record is decided, not taken back.
  std::erase_if(effect.replaced, [&](const Contribution& one) {
    return one.version.author == decided.version.author;
  });
  std::erase_if(state.contributions, [&](Contribution& one) {
    if (is_same(one.version, decided.version) || !is_settled_by(decided.version, one.version)) {
      return false;
    }
    if (one.value != decided.value) effect.filed.push_back(std::move(one));
    return true;
  });
}

void record_decision(const Table& table, ColumnId column, const Cell& cell, const CellWrite& write,
                     CellEffect& effect, WorkingRow& working) {
  if (effect.reopened) reopen_records(working, column, *effect.reopened);
  const auto& decision = cell.state.decision;
  if (!decision) return;
  for (Contribution& one : effect.filed) {
    file(conflict_of(table, *working.row, column, winner_of(table.column(column), cell),
                     std::move(one)),
         *decision, working);
  }
  const bool took_effect = decision->author == write.author && decision->position == write.commit;
  if (write.decision != Decision::decide || !took_effect) return;
  settle_records(working, column, *decision,
                 [&](const Conflict& record) { return stands_in(cell, record.loser.version); });
}

RowDecision decide_row(const RowWrite& write, const RowChange& change, bool may_return,
                       WorkingRow& working, RowEffect& effect) {
  StoredRow& row = *working.row;
  const bool rival = row.decision && !write.has_seen(*row.decision, row_sight(write, change));
  if (change.decision == Decision::reopen) {
    if (row.decision && !rival && reopen_row(working)) return {keeps(change), Revival::undone};
    if (rival) lose_to_decision(write, change, working, effect);
    return {row.live && keeps(change)};
  }
  if (rival) {
    if (keeps(change) != row.live) lose_to_decision(write, change, working, effect);
    return {keeps(change) && !change.cells.empty()};
  }
  if (!keeps(change)) return {true};
  if (!row.live && !may_return) {
    effect.lost.push_back(lost_cell(write.schema.table(change.table), change, ""));
    return {};
  }
  mark_row_decided(write, working);
  return {true, row.live ? std::nullopt : std::optional(Revival::decided)};
}

bool delete_yields(const RowWrite& write, const RowChange& change, WorkingRow& working,
                   RowEffect& effect) {
  const StoredRow& row = *working.row;
  if (change.decision != Decision::none || !row.decision) return false;
  if (write.has_seen(*row.decision, row_sight(write, change))) return false;
  const Table& table = write.schema.table(change.table);
  const bool settled = is_settled_by(*row.decision, write.version());
  if (!settled && table.on_delete == DeletePolicy::delete_wins) return false;
  effect.lost.push_back(lost_cell(table, change, ""));
  Conflict record = conflict_of(table, row, std::nullopt, {Value::null(), *row.decision},
                                {Value::null(), write.version()});
  if (settled) {
    file(std::move(record), *row.decision, working);
  } else {
    record.state = ConflictState::open;
    working.recorded.push_back(std::move(record));
    working.row->overruled.push_back(write.version());
  }
  return true;
}

void file_older_edits(const RowWrite& write, UnseenCells& unseen, WorkingRow& working) {
  const Table& table = write.schema.table(working.row->table);
  const CellVersion decision = write.version();
  std::erase_if(unseen, [&](auto& cell) {
    auto& [column, contribution] = cell;
    if (!is_settled_by(decision, contribution.version)) return false;
    if (!contribution.value.is_null() || contribution.version != working.row->base) {
      file(conflict_of(table, *working.row, column, {Value::null(), decision},
                       std::move(contribution)),
           decision, working);
    }
    return true;
  });
}

void mark_row_decided(const RowWrite& write, WorkingRow& working) {
  working.row->decision = write.version();
  working.row->overruled.clear();
  settle_records(working, std::nullopt, write.version(), [](const Conflict&) { return false; });
}

bool is_gone_by_decision(const RowWrite& write, const StoredRow& row) {
  return row.decision && row.death && is_same(*row.death, *row.decision) &&
         is_settled_by(*row.decision, write.version());
}

}  // namespace doorstep
