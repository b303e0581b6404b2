#include "engine/core/merge_delete.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/merge_decision.hpp"

namespace doorstep {
namespace {

std::size_t via_depth(const Schema& schema, TableId id) {
  std::size_t depth = 0;
  const Table* table = &schema.table(id);
  while (table->scope.kind == ScopeRule::Kind::via && depth < limits::via_depth_max) {
    table = &schema.table(*table->column(table->scope.column).references);
    ++depth;
  }
  return depth;
}

/// The row is gone: what was still open about earlier deletes of it is settled by that.
void die(const RowWrite& write, const CellVersion& death, WorkingRow& working) {
  StoredRow& row = *working.row;
  const Table& table = write.schema.table(row.table);
  for (const CellVersion& earlier : row.overruled) {
    Conflict settled = overruled_delete(table, row, {Value::null(), death}, earlier);
    settled.withdrawn = true;
    working.recorded.push_back(std::move(settled));
  }
  row.overruled.clear();
  row.taken_along.clear();
  row.live = false;
  row.death = death;
  row.position = write.commit;
}

/// `decision`: the one that settles it, where a person had decided.
void record(const Table& table, const CellVersion& death, const UnseenCells& cells,
            WorkingRow& working, const std::optional<CellVersion>& decision = {}) {
  const StoredRow& row = *working.row;
  for (const auto& [column, contribution] : cells) {
    // An insert said nothing about the columns that it left out.
    if (contribution.value.is_null() && contribution.version == row.base) continue;
    working.recorded.push_back(
        conflict_of(table, row, column, {Value::null(), death}, contribution));
    if (!decision) continue;
    working.recorded.back().state = ConflictState::decided;
    working.recorded.back().decision = decision;
  }
}

/// One delete is one record, at its topmost row, however much it was to take along.
void keep_overruled(const Table& table, const Contribution& by, const CellVersion& death,
                    WorkingRow& working) {
  StoredRow& row = *working.row;
  working.recorded.push_back(overruled_delete(table, row, by, death));
  row.overruled.push_back(death);
  if (row.overruled.size() > limits::contributions_max) row.overruled.erase(row.overruled.begin());
}

/// What the delete of a row that comes back leaves on record.
void keep_record(const RowWrite& write, Revival revival, const CellVersion& death,
                 WorkingRow& working) {
  const Table& table = write.schema.table(working.row->table);
  if (revival == Revival::undone) return;
  keep_overruled(table, {Value::null(), write.version()}, death, working);
  if (revival == Revival::overruled) return;
  working.row->overruled.pop_back();
  Conflict& record = working.recorded.back();
  record.state = ConflictState::decided;
  record.decision = write.version();
}

void take_along(const RowWrite& write, MergeBatch& batch, const RowKey& key,
                const CellVersion& death, const std::optional<CellVersion>& decision,
                std::vector<RowKey>& taken) {
  const std::vector<RowKey> children = batch.children_of(key);
  WorkingRow& working = batch.touch(key);
  record(write.schema.table(key.table), death,
         unseen_by(write.schema, *working.row, death.author, Position{}), working, decision);
  die(write, death, working);
  taken.push_back(key);
  for (const RowKey& child : children) take_along(write, batch, child, death, decision, taken);
}

}  // namespace

RowKey deletion_root(const MergeBatch& batch, const StoredRow& dead) {
  const StoredRow* at = &dead;
  for (;;) {
    const auto parent = parent_of(batch.schema(), *at);
    const StoredRow* above = parent ? batch.find(*parent) : nullptr;
    if (above == nullptr || above->live || above->death != dead.death) return at->key();
    at = above;
  }
}

bool may_return(const MergeBatch& batch, const StoredRow& dead) {
  const StoredRow* at = &dead;
  for (;;) {
    const StoredRow& root = *batch.find(deletion_root(batch, *at));
    // There is nothing left of it to bring back.
    if (root.collected || at->collected) return false;
    if (batch.schema().table(root.table).on_delete == DeletePolicy::delete_wins) return false;
    const auto parent = parent_of(batch.schema(), root);
    if (!parent) return true;
    at = batch.find(*parent);
    if (at == nullptr || at->live) return at != nullptr;
  }
}

std::vector<RowKey> revive_unit(const RowWrite& write, MergeBatch& batch, const RowKey& dead,
                                Revival revival) {
  const RowKey root = deletion_root(batch, *batch.find(dead));
  const CellVersion death = *batch.find(root)->death;
  std::vector<RowKey> unit = {root};
  const std::vector<RowKey>& along = batch.find(root)->taken_along;
  unit.insert(unit.end(), along.begin(), along.end());
  std::erase_if(unit, [&](const RowKey& key) {
    const StoredRow* row = batch.find(key);
    return row == nullptr || row->live || row->collected || row->death != death;
  });
  keep_record(write, revival, death, batch.touch(root));
  for (const RowKey& key : unit) {
    StoredRow& row = *batch.touch(key).row;
    row.live = true;
    row.death.reset();
    row.taken_along.clear();
    row.position = write.commit;
    if (!DS_DEFECT("revival_keeps_since")) row.since = write.commit;
  }
  return unit;
}

void bury(const RowWrite& write, MergeBatch& batch, const RowKey& row, const RowKey& dead_parent) {
  const StoredRow& parent = *batch.find(dead_parent);
  const RowKey root = deletion_root(batch, parent);
  const CellVersion death = *parent.death;
  const ScopeId scope = parent.scope;
  const StoredRow& top = *batch.find(root);
  const auto decision = is_gone_by_decision(write, top) ? top.decision : std::nullopt;
  std::vector<RowKey> taken;
  take_along(write, batch, row, death, decision, taken);
  StoredRow& buried = *batch.touch(row).row;
  if (buried.scope.empty()) buried.scope = scope;
  auto& along = batch.touch(root).row->taken_along;
  along.insert(along.end(), taken.begin(), taken.end());
}

void Deletions::add(RowChange change) {
  const RowKey key{change.table, change.row};
  named_.emplace(key, std::move(change));
}

Deletions::Unit Deletions::unit_of(const RowKey& root) {
  const RowChange* change = &named_.at(root);
  Unit unit = {{root, change, row_sight(write_, *change)}};
  done_.insert(root);
  for (std::size_t i = 0; i < unit.size(); ++i) {
    for (const RowKey& child : batch_.children_of(unit[i].key)) {
      if (!done_.insert(child).second) continue;
      const auto named = named_.find(child);
      const RowChange* own = named == named_.end() ? nullptr : &named->second;
      unit.push_back({child, own, own != nullptr ? row_sight(write_, *own) : unit[i].sight});
    }
  }
  return unit;
}

std::vector<UnseenCells> Deletions::unseen_of(const Unit& unit) const {
  std::vector<UnseenCells> unseen;
  for (const Member& member : unit) {
    const StoredRow& row = *batch_.find(member.key);
    unseen.push_back(member.change != nullptr
                         ? unseen_cells(write_, *member.change, row)
                         : unseen_by(write_.schema, row, write_.author(), member.sight));
  }
  return unseen;
}

LostCell Deletions::overrule(const RowKey& root, const Contribution& by) {
  const Table& table = write_.schema.table(root.table);
  keep_overruled(table, by, write_.version(), batch_.touch(root));
  return {table.name, root.row, ""};
}

/// Did somebody go on from this delete in a history that is lost? Then the row had begun again.
bool Deletions::is_older(const Unit& unit, const std::vector<UnseenCells>& unseen) {
  for (std::size_t i = 0; i < unit.size(); ++i) {
    for (const auto& [column, rival] : unseen[i]) {
      if (unit[i].sight.is_seen_by(rival.version)) return true;
    }
  }
  return false;
}

void Deletions::kill(const Unit& unit, const std::vector<UnseenCells>& unseen) {
  const CellVersion death = write_.version();
  for (std::size_t i = 0; i < unit.size(); ++i) {
    WorkingRow& working = batch_.touch(unit[i].key);
    record(write_.schema.table(unit[i].key.table), death, unseen[i], working);
    record_hidden_columns(write_, unit[i].sight.observed(), death, working);
    die(write_, death, working);
  }
  std::vector<RowKey>& along = batch_.touch(unit.front().key).row->taken_along;
  for (std::size_t i = 1; i < unit.size(); ++i) along.push_back(unit[i].key);
}

std::vector<LostCell> Deletions::run() {
  std::vector<RowKey> from_the_top;
  for (const auto& [key, change] : named_) from_the_top.push_back(key);
  std::stable_sort(from_the_top.begin(), from_the_top.end(), [&](const RowKey& a, const RowKey& b) {
    return via_depth(write_.schema, a.table) < via_depth(write_.schema, b.table);
  });
  std::vector<LostCell> lost;
  for (const RowKey& root : from_the_top) {
    if (done_.contains(root)) continue;
    const RowChange& change = named_.at(root);
    const bool decides = change.decision == Decision::decide;
    const Unit unit = unit_of(root);
    RowEffect yielded;
    if (delete_yields(write_, change, batch_.touch(root), yielded)) {
      lost.insert(lost.end(), yielded.lost.begin(), yielded.lost.end());
      continue;
    }
    std::vector<UnseenCells> unseen = unseen_of(unit);
    for (std::size_t i = 0; decides && i < unit.size(); ++i)
      file_older_edits(write_, unseen[i], batch_.touch(unit[i].key));
    const auto rival = std::find_if(unseen.begin(), unseen.end(),
                                    [](const UnseenCells& cells) { return !cells.empty(); });
    const bool edit_wins = write_.schema.table(root.table).on_delete == DeletePolicy::edit_wins;
    if (rival == unseen.end() || !edit_wins) {
      kill(unit, unseen);
      if (decides) mark_row_decided(write_, batch_.touch(root));
      continue;
    }
    if (is_older(unit, unseen)) continue;
    Contribution by = rival->front().second;
    if (rival != unseen.begin()) by.value = Value::null();  // a value of another row says nothing
    lost.push_back(overrule(root, by));
  }
  return lost;
}

bool hangs_on_kept(const RowWrite& write, const MergeBatch& batch, const StoredRow& row) {
  if (write.transaction.kept.empty()) return false;
  for (auto parent = parent_of(write.schema, row); parent;) {
    if (write.transaction.kept.contains(*parent)) return true;
    const StoredRow* above = batch.knows(*parent) ? batch.find(*parent) : nullptr;
    parent = above != nullptr ? parent_of(write.schema, *above) : std::nullopt;
  }
  return false;
}

}  // namespace doorstep
