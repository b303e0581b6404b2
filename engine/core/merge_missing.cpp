// missing(): which rows a batch needs. It asks for more than will be used where that cannot be
// known yet (a delete in the batch may kill a row that a later edit brings back), never for less.
#include "engine/core/merge_missing.hpp"

#include <algorithm>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

/// Few things, most often one.
template <class T>
void add_once(std::vector<T>& all, const T& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

}  // namespace

MissingSearch::MissingSearch(const Schema& schema,
                             std::span<const IncomingTransaction> transactions, const RowSet& rows)
    : schema_(schema), rows_(rows) {
  std::size_t changes = 0;
  for (const IncomingTransaction& one : transactions) changes += one.content.changes.size();
  touched_.reserve(changes);
  for (const IncomingTransaction& transaction : transactions) {
    for (const RowChange& change : transaction.content.changes) {
      // merge() refuses what the schema does not know; it loads nothing.
      if (change.table.index < schema.tables().size()) add(transaction, change);
    }
  }
}

void MissingSearch::add(const IncomingTransaction& transaction, const RowChange& change) {
  const Table& table = schema_.table(change.table);
  Touched& touched = touched_[{change.table, change.row}];
  if (!transaction.granted.empty()) add_once(touched.granted, &transaction.granted);
  touched.inserted |= change.kind == RowChange::Kind::insert;
  touched.removed |= change.kind == RowChange::Kind::remove;
  touched.decides |= change.decision != Decision::none ||
                     std::any_of(change.cells.begin(), change.cells.end(),
                                 [](const auto& cell) { return cell.decision != Decision::none; });
  // A reopened delete brings the row back: it needs its parent then.
  touched.removed |= change.decision != Decision::none;
  if (!rows_.fallen().empty()) fallen_targets(transaction.id.device, change, touched);
  if (change.kind == RowChange::Kind::remove || table.scope.kind == ScopeRule::Kind::key) return;
  for (const CellChange& cell : change.cells) {
    if (cell.column != table.scope.column) continue;
    touched.scope_written = true;
    const auto* value = std::get_if<Value>(&cell.edit);
    if (value == nullptr) continue;
    if (const auto unit = unit_named(schema_, table, *value)) {
      add_once(touched.named, *unit);
      add_once(touched.scopes, ScopeId{std::string(unit->row.text())});
    }
    if (const auto named = parent_named(schema_, table, *value)) add_once(touched.parents, *named);
  }
}

/// A reference to a row that fell earlier is refused, unless the row lives by now.
void MissingSearch::fallen_targets(const DeviceId& author, const RowChange& change,
                                   Touched& touched) const {
  const Table& table = schema_.table(change.table);
  for (const CellChange& cell : change.cells) {
    if (cell.column.index >= table.columns.size()) continue;
    const Column& column = table.column(cell.column);
    const auto* value = std::get_if<Value>(&cell.edit);
    if (!column.references || value == nullptr || value->is_null()) continue;
    const auto row = key_of(schema_.table(*column.references), *value);
    if (!row) continue;
    const RowKey target{*column.references, *row};
    if (rows_.fallen().contains({author, target})) add_once(touched.named, target);
  }
}

/// Null while it is not loaded, or when there is none. What went with a dead row is on record, and
/// lost nothing if the row comes back.
const StoredRow* MissingSearch::stored(const RowKey& key) {
  if (rows_.knows(key)) {
    const StoredRow* row = rows_.find(key);
    if (row != nullptr && !row->live && !rows_.knows_conflicts(key)) missing_.conflicts.insert(key);
    return row;
  }
  missing_.rows.insert(key);
  return nullptr;
}

void MissingSearch::written(const RowKey& key, const Touched& touched) {
  const StoredRow* row = stored(key);
  const bool hangs = schema_.table(key.table).scope.kind == ScopeRule::Kind::via;
  const bool may_revive = touched.removed || (row != nullptr && !row->live);
  if (hangs && (touched.inserted || touched.scope_written || may_revive)) {
    for (const RowKey& named : touched.parents) parent(named);
    if (row != nullptr) parents_of(*row);
  }
  if (row != nullptr && (touched.scope_written || may_revive)) children(key);
  if (row != nullptr && !row->live) unit(*row);
}

/// Every row that `row` may turn out to hang on: the value shown, and those that stand beside it.
void MissingSearch::parents_of(const StoredRow& row) {
  const Table& table = schema_.table(row.table);
  if (table.scope.kind != ScopeRule::Kind::via) return;
  if (const auto shown = parent_of(schema_, row)) parent(*shown);
  const CellState* cell = row.find_cell(table.scope.column);
  if (cell == nullptr) return;
  for (const Contribution& one : cell->contributions) {
    if (const auto named = parent_named(schema_, table, one.value)) parent(*named);
  }
}

/// A dead parent may come back, and then needs its own parent; it may find that one elsewhere.
void MissingSearch::parent(const RowKey& key) {
  if (!walked_up_.insert(key).second) return;
  const StoredRow* row = stored(key);
  if (row == nullptr || row->live) return;
  parents_of(*row);
  children(key);
  unit(*row);
}

/// What died together with a dead row may come back together with it; its root keeps the list.
void MissingSearch::unit(const StoredRow& dead) {
  for (const RowKey& key : dead.taken_along) {
    children(key);
    if (const StoredRow* row = stored(key)) parents_of(*row);
  }
}

void MissingSearch::children(const RowKey& key) {
  if (!walked_down_.insert(key).second) return;
  for (const auto& [child, via] : child_tables(schema_, key.table)) {
    const ChildQuery query{child, via, key.row};
    if (!rows_.knows(query)) {
      missing_.children.insert(query);
      continue;
    }
    for (const RowId& id : rows_.children(query)) {
      const RowKey hanging{child, id};
      if (stored(hanging) != nullptr) children(hanging);
    }
  }
}

/// Whoever holds a unit may write below it: the way up from where a row is to what its writers
/// hold.
void MissingSearch::units(const RowKey& key, const Touched& touched) {
  std::vector<ScopeId> scopes = touched.scopes;
  const auto add = [&](const RowKey& one) {
    if (rows_.knows(one) && rows_.find(one) != nullptr) add_once(scopes, rows_.find(one)->scope);
  };
  add(key);
  for (const RowKey& parent : touched.parents) add(parent);
  for (const std::vector<ScopeId>* granted : touched.granted) {
    for (const ScopeId& scope : scopes) units_above(scope, *granted);
  }
}

void MissingSearch::units_above(const ScopeId& scope, const std::vector<ScopeId>& granted) {
  if (!schema_.tree()) return;
  if (std::find(granted.begin(), granted.end(), scope) != granted.end()) return;
  ScopeId at = scope;
  for (std::size_t level = 0; level <= limits::scope_depth_max && !at.empty(); ++level) {
    if (std::find(granted.begin(), granted.end(), at) != granted.end()) return;
    const auto unit = RowId::from(std::string_view(at.code));
    const StoredRow* row = unit ? stored({schema_.tree()->table, *unit}) : nullptr;
    if (row == nullptr) return;
    const Value& parent = row->image.values[schema_.tree()->parent.index];
    at.code = parent.kind() == Value::Kind::text ? std::string(parent.as_text()) : std::string();
  }
}

MissingRows MissingSearch::next() {
  walked_up_.clear();
  walked_down_.clear();
  for (const auto& [key, touched] : touched_) {
    if (touched.decides && !rows_.knows_conflicts(key)) missing_.conflicts.insert(key);
    for (const RowKey& named : touched.named) stored(named);
    written(key, touched);
    if (!touched.granted.empty()) units(key, touched);
  }
  return std::exchange(missing_, {});
}

MissingRows missing(const Schema& schema, std::span<const IncomingTransaction> transactions,
                    const RowSet& rows) {
  return MissingSearch(schema, transactions, rows).next();
}

}  // namespace doorstep
