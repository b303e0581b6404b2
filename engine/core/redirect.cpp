#include "engine/core/redirect.hpp"

#include <algorithm>
#include <set>

#include "engine/core/group.hpp"
#include "engine/core/merge_finish.hpp"
#include "engine/core/merge_scope.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/redirect_cells.hpp"

namespace doorstep {
namespace {

bool is_via(const Table& table, ColumnId column) {
  return table.scope.kind == ScopeRule::Kind::via && table.scope.column == column;
}

bool is_place(const Table& table, ColumnId column) {
  return table.scope.kind != ScopeRule::Kind::key && table.scope.column == column;
}

RowChange nothing_in(const RowKey& key) {
  RowChange change;
  change.table = key.table;
  change.row = key.row;
  return change;
}

class Joiner {
 public:
  Joiner(const Schema& schema, const RowSet& rows, const IncomingTransaction& hub, Position commit)
      : schema_(schema),
        rows_(rows),
        write_{schema, hub, commit, rows.reoffered()},
        batch_(schema, rows),
        scopes_(write_, fallen_, batch_) {}

  /// References to `from` in that cell become references to `to`.
  void move_reference(const Referring& place, const RowKey& from, const RowId& to);
  /// The same for one contribution that was moved before.
  void move_back(const RedirectedReference& reference, const RowId& survivor);
  void combine(const RowKey& loser, const RowKey& survivor);
  void part(const Redirect& redirect);
  void bury(const RowKey& loser, const RowId& survivor);
  void raise(const RowKey& loser);
  /// Its scope is looked up anew: what moved it may have been meant for the other row.
  void look_up_scope(const RowKey& row) { scopes_.add(row, write_.commit, false); }
  /// A write that came to the loser's id goes from the survivor to the loser.
  void hand_over(const RedirectedWrite& write, const Redirect& redirect);
  RedirectResult finish();

 private:
  void moved(const RowKey& row, ColumnId column);
  void record(WorkingRow& survivor, ColumnId column, Contribution lost, bool withdrawn);

  const Schema& schema_;
  const RowSet& rows_;
  RowWrite write_;
  FallenRows fallen_;
  MergeBatch batch_;
  ScopeResolver scopes_;
  std::vector<RedirectedReference> references_;
};

void Joiner::moved(const RowKey& row, ColumnId column) {
  const StoredRow& at = *batch_.find(row);
  if (!at.live || !is_via(schema_.table(row.table), column)) return;
  scopes_.add(row, write_.commit, false);
  if (const auto parent = parent_of(schema_, at)) {
    batch_.hang({row.table, column, parent->row}, row.row);
  }
}

void Joiner::move_reference(const Referring& place, const RowKey& from, const RowId& to) {
  if (!batch_.knows(place.row) || batch_.find(place.row) == nullptr) return;
  StoredRow& row = *batch_.touch(place.row).row;
  for (const CellVersion& version :
       repoint(schema_, row, place.column, from.row, to, write_.commit)) {
    references_.push_back({from, place.row, place.column, version.author, version.position});
  }
  moved(place.row, place.column);
}

void Joiner::move_back(const RedirectedReference& reference, const RowId& survivor) {
  const RowKey key = reference.row;
  if (!batch_.knows(key) || batch_.find(key) == nullptr) return;
  StoredRow& row = *batch_.touch(key).row;
  if (repoint_one(schema_, row, reference.column, survivor, reference.loser.row, reference.author,
                  reference.position, write_.commit)) {
    references_.push_back(reference);
    moved(key, reference.column);
  }
}

void Joiner::record(WorkingRow& survivor, ColumnId column, Contribution lost, bool withdrawn) {
  const Table& table = schema_.table(survivor.row->table);
  Contribution winner = winner_of(table.column(column), open_cell(table, *survivor.row, column));
  Conflict conflict = conflict_of(table, *survivor.row, column, std::move(winner), std::move(lost));
  conflict.withdrawn = withdrawn;
  if (rules_of(conflict.policy).asks_person) conflict.state = ConflictState::open;
  survivor.recorded.push_back(std::move(conflict));
}

void Joiner::combine(const RowKey& loser, const RowKey& survivor) {
  const Table& table = schema_.table(survivor.table);
  const StoredRow theirs = *batch_.find(loser);
  WorkingRow& working = batch_.touch(survivor);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    if (lead_of(table, column) != column) continue;
    auto lost = combine_cell(table, *working.row, theirs, column, write_.commit);
    if (lost) record(working, column, std::move(*lost), false);
  }
}

void Joiner::part(const Redirect& redirect) {
  const Table& table = schema_.table(redirect.loser.table);
  const StoredRow loser = *batch_.find(redirect.loser);
  const RowKey survivor{redirect.loser.table, redirect.survivor};
  WorkingRow& working = batch_.touch(survivor);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    if (lead_of(table, column) != column) continue;
    StoredRow before = redirect.survivor_before;
    auto lost = combine_cell(table, before, loser, column, redirect.position);
    if (lost) {
      record(working, column, std::move(*lost), true);
    } else {
      part_cell(table, *working.row, redirect.survivor_before, loser, column, write_.commit);
    }
  }
}

void Joiner::bury(const RowKey& loser, const RowId& survivor) {
  StoredRow& row = *batch_.touch(loser).row;
  row.live = false;
  row.merged_into = survivor;
  row.death = write_.version();
  row.position = write_.commit;
}

void Joiner::raise(const RowKey& loser) {
  StoredRow& row = *batch_.touch(loser).row;
  row.live = true;
  row.merged_into.reset();
  row.death.reset();
  row.position = row.since = write_.commit;
  scopes_.add(loser, write_.commit, false);
}

void Joiner::hand_over(const RedirectedWrite& write, const Redirect& redirect) {
  const Table& table = schema_.table(redirect.loser.table);
  StoredRow& survivor = *batch_.touch({redirect.loser.table, redirect.survivor}).row;
  StoredRow& loser = *batch_.touch(redirect.loser).row;
  for (const RowChange& written : write.content.changes) {
    const RowChange change = gather_groups(table, written, &loser.image);
    for (const CellChange& cell : change.cells) {
      const auto* delta = std::get_if<CounterDelta>(&cell.edit);
      withdraw_write(table, survivor, redirect.survivor_before, cell.column, write.version,
                     delta != nullptr ? delta->amount : 0, write_.commit);
      Cell open = open_cell(table, loser, cell.column);
      static_cast<void>(
          write_cell(table.column(cell.column), open,
                     {cell.edit, write.version.author, write.version.stamp,
                      observed_of(write.content, change, cell), write_.commit, cell.decision}));
      close_cell(table, loser, std::move(open));
    }
  }
  fold_to_base(table, loser);
}

RedirectResult Joiner::finish() {
  RedirectResult result;
  if (auto refusal = scopes_.run()) {
    result.refused = std::move(refusal->reason);
    return result;
  }
  result.merged = finish_batch(schema_, rows_, batch_, {}, write_.commit);
  result.references = std::move(references_);
  return result;
}

}  // namespace

std::vector<std::pair<TableId, ColumnId>> referring_columns(const Schema& schema, TableId table) {
  std::vector<std::pair<TableId, ColumnId>> found;
  for (std::size_t t = 0; t < schema.tables().size(); ++t) {
    const Table& one = schema.tables()[t];
    for (std::size_t c = 0; c < one.columns.size(); ++c) {
      if (one.columns[c].references != table) continue;
      found.emplace_back(TableId{static_cast<std::uint16_t>(t)},
                         ColumnId{static_cast<std::uint16_t>(c)});
    }
  }
  return found;
}

IncomingTransaction footprint(const Schema& schema, IncomingTransaction hub, const RowKey& one,
                              const RowKey& other, std::span<const Referring> referring,
                              const RowId& to) {
  const std::set<RowKey> written = {one, other};
  std::vector<RowChange>& changes = hub.content.changes;
  for (const Referring& place : referring) {
    RowChange change = nothing_in(place.row);
    const Table& table = schema.table(place.row.table);
    const Value value = value_of_key(schema.table(*table.column(place.column).references), to);
    if (is_place(table, place.column)) change.cells.push_back({place.column, value, std::nullopt});
    changes.push_back(std::move(change));
  }
  for (const RowKey& key : written) {
    // As if it moved, and as if a delete brought it back: what hangs on it and what it hangs on.
    RowChange change = nothing_in(key);
    const Table& table = schema.table(key.table);
    if (table.scope.kind != ScopeRule::Kind::key) {
      change.cells.push_back({table.scope.column, Value::null(), std::nullopt});
    }
    changes.push_back(change);
    change.kind = RowChange::Kind::remove;
    changes.push_back(std::move(change));
  }
  return hub;
}

RedirectResult redirect_row(const Schema& schema, const RowSet& rows,
                            const IncomingTransaction& hub, const RowKey& loser,
                            const RowId& survivor, std::span<const Referring> referring,
                            Position commit) {
  Joiner joiner(schema, rows, hub, commit);
  joiner.combine(loser, {loser.table, survivor});
  joiner.bury(loser, survivor);
  for (const Referring& place : referring) joiner.move_reference(place, loser, survivor);
  return joiner.finish();
}

RedirectResult split_row(const Schema& schema, const RowSet& rows, const IncomingTransaction& hub,
                         const Redirect& redirect, std::span<const RedirectedReference> references,
                         std::span<const RedirectedWrite> writes, Position commit) {
  Joiner joiner(schema, rows, hub, commit);
  joiner.part(redirect);
  joiner.raise(redirect.loser);
  for (const RedirectedWrite& write : writes) joiner.hand_over(write, redirect);
  joiner.look_up_scope({redirect.loser.table, redirect.survivor});
  for (const RedirectedReference& reference : references) {
    joiner.move_back(reference, redirect.survivor);
  }
  return joiner.finish();
}

}  // namespace doorstep
