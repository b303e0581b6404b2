// Deletes and revivals, said plainly (see naive_model.hpp).
#include <set>

#include "tests/support/naive_cell.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {

std::optional<RowKey> NaiveHub::parent_of(const RowKey& key) const {
  const Table& table = schema_->table(key.table);
  if (table.scope.kind != ScopeRule::Kind::via) return std::nullopt;
  const TableId parent = *table.column(table.scope.column).references;
  const Value value = shown(key, table.scope.column);
  if (value.is_null()) return std::nullopt;
  return RowKey{parent, key_of(schema_->table(parent), value).value()};
}

// The row, then what hangs on it and lives, then what hangs on that.
std::vector<RowKey> NaiveHub::with_all_below(const RowKey& root) const {
  std::vector<RowKey> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [key, row] : rows_) {
      if (row.live && parent_of(key) == found[i]) found.push_back(key);
    }
  }
  return found;
}

// A delete takes what it has seen, and all that hangs on it; another author's unseen write to any
// of it keeps all of it under edit_wins.
void NaiveHub::remove_unit(const IncomingTransaction& transaction,
                           const std::map<RowKey, const RowChange*>& named,
                           const std::vector<RowKey>& unit, Position commit) {
  const RowKey root = unit.front();
  const Position from_above = named.at(root)->observed.value_or(transaction.content.observed);
  std::map<RowKey, NaiveDelete> deaths;
  bool unseen = false;
  for (const RowKey& key : unit) {
    const Table& table = schema_->table(key.table);
    NaiveDelete death{transaction.id.device, transaction.id.sequence, commit, {}, root, {}, {}};
    for (const auto& [cell, writes] : rows_.at(key).writes) {
      death.observed[cell] = named.contains(key) ? observed_by(transaction.content, *named.at(key),
                                                               cell_of(table, cell))
                                                 : from_above;
      death.after[cell] = writes.size();
      if (transaction.view != nullptr && !transaction.view->shows(key.table, cell))
        death.hidden.insert(cell);
      for (const Standing& mark : standing_of(table.column(cell), writes))
        unseen = unseen || unseen_by(death, cell, *mark.write);
    }
    deaths.emplace(key, std::move(death));
  }
  if (unseen && schema_->table(root.table).on_delete == DeletePolicy::edit_wins) {
    rows_.at(root).overruled.push_back(deaths.at(root));
    return;
  }
  for (const auto& [key, death] : deaths) {
    NaiveRow& row = rows_.at(key);
    row.live = false;
    row.death = death;
    row.overruled.clear();  // what those deletes wanted has happened
  }
}

void NaiveHub::remove(const IncomingTransaction& transaction, Position commit) {
  std::map<RowKey, const RowChange*> named;
  for (const RowChange& change : transaction.content.changes) {
    const auto row = rows_.find({change.table, change.row});
    const bool is_delete = change.kind == RowChange::Kind::remove;
    if (is_delete && row != rows_.end() && row->second.live) named[row->first] = &change;
  }
  // Parents first: tables stand in that order.
  std::set<RowKey> done;
  for (const auto& [root, change] : named) {
    if (done.contains(root)) continue;
    const std::vector<RowKey> unit = with_all_below(root);
    done.insert(unit.begin(), unit.end());
    remove_unit(transaction, named, unit, commit);
  }
}

// What died in one transaction with the row that was deleted comes back with it; another delete
// that took the parent is overruled as well.
bool NaiveHub::can_return(const RowKey& dead) const {
  const RowKey root = rows_.at(dead).death->root;
  if (schema_->table(root.table).on_delete == DeletePolicy::delete_wins) return false;
  const auto parent = parent_of(root);
  return !parent || rows_.at(*parent).live || can_return(*parent);
}

void NaiveHub::revive(const RowKey& dead) {
  const NaiveDelete death = *rows_.at(dead).death;
  // A row that was deleted may live anew, without what went with it then.
  NaiveRow& root = rows_.at(rows_.at(death.root).death ? death.root : dead);
  root.overruled.push_back(*root.death);
  for (auto& [key, row] : rows_) {
    const bool same = !row.live && row.death && row.death->root == death.root &&
                      row.death->author == death.author && row.death->sequence == death.sequence;
    if (!same) continue;
    row.death.reset();
    row.live = true;
    // What came when it was gone is lost for good.
    for (auto& [cell, writes] : row.writes) {
      for (NaiveWrite& write : writes) {
        if (!write.to_dead) continue;
        write.no_mark = true;
        write.amount.reset();
        write.edit = {};
      }
    }
  }
  const auto parent = parent_of(death.root);
  if (parent && !rows_.at(*parent).live) revive(*parent);
}

// Hanging a row on a dead parent brings the parent back, or takes the row along. An insert below a
// parent that its author knew to be dead is refused.
bool NaiveHub::find_parent(const IncomingTransaction& transaction, const RowChange& change) {
  const RowKey key{change.table, change.row};
  const auto parent = parent_of(key);
  if (!parent || !rows_.contains(*parent) || rows_.at(*parent).live) return true;
  const NaiveDelete death = *rows_.at(*parent).death;
  const Position observed = change.observed.value_or(transaction.content.observed);
  const bool inserted = change.kind == RowChange::Kind::insert;
  if (inserted && delete_was_seen(death, transaction.id.device, observed)) return false;
  if (can_return(*parent)) {
    revive(*parent);
    return true;
  }
  NaiveRow& row = rows_.at(key);
  if (row.scope.code.empty()) row.scope = rows_.at(*parent).scope;
  row.live = false;
  row.overruled.clear();
  row.death = death;
  for (const auto& [cell, writes] : row.writes) {
    row.death->observed[cell] = Position{};
    row.death->after[cell] = writes.size();
  }
  return true;
}

}  // namespace doorstep::test
