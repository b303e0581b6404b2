#include "engine/core/merge_batch.hpp"

#include <algorithm>

namespace doorstep {

const StoredRow* RowSet::find(const RowKey& key) const {
  const auto found = rows_.find(key);
  DS_ASSERT(found != rows_.end());
  return found->second ? &*found->second : nullptr;
}

std::set<std::pair<DeviceId, Position>> RowSet::versions() const {
  std::set<std::pair<DeviceId, Position>> found;
  const auto add = [&](const CellVersion& version) {
    found.insert({version.author, version.position});
  };
  for (const auto& [key, row] : rows_) {
    if (!row) continue;
    add(row->base);
    if (row->death) add(*row->death);
    if (row->decision) add(*row->decision);
    for (const CellState& cell : row->cells) {
      for (const Contribution& one : cell.contributions) add(one.version);
      for (const ElementMark& mark : cell.elements) add(mark.version);
      if (cell.decision) add(*cell.decision);
    }
  }
  return found;
}

const std::vector<RowId>& RowSet::children(const ChildQuery& query) const {
  const auto found = children_.find(query);
  DS_ASSERT(found != children_.end());
  return found->second;
}

const std::vector<Conflict>& RowSet::conflicts(const RowKey& key) const {
  const auto found = conflicts_.find(key);
  DS_ASSERT(found != conflicts_.end());
  return found->second;
}

const std::vector<Departure>& RowSet::departures(const RowKey& key) const {
  const auto found = departures_.find(key);
  DS_ASSERT(found != departures_.end());
  return found->second;
}

const std::vector<PastGrant>& RowSet::grants(const DeviceId& device) const {
  const auto found = grants_.find(device);
  DS_ASSERT(found != grants_.end());
  return found->second;
}

const StoredRow* MergeBatch::find(const RowKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return stored_.find(key);
  const std::optional<StoredRow>& row = found->second.now.row;
  return row ? &*row : nullptr;
}

const StoredRow* MergeBatch::before(const RowKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end() || !is_touched(found->second)) return find(key);
  const std::optional<WorkingRow>& before = before_[found->second.before].row;
  if (!before) return stored_.find(key);
  return before->row ? &*before->row : nullptr;
}

WorkingRow& MergeBatch::touch(const RowKey& key) {
  const auto [found, fresh] = rows_.try_emplace(key);
  Entry& entry = found->second;
  if (!fresh && is_touched(entry)) return entry.now;
  entry.touched_in = transaction_;
  entry.before = before_.size();
  Before& before = before_.emplace_back(Before{key, std::nullopt});
  if (!fresh) {
    before.row = entry.now;
    return entry.now;
  }
  if (const StoredRow* stored = stored_.find(key)) entry.now.row = *stored;
  if (stored_.knows_conflicts(key)) {
    for (const Conflict& record : stored_.conflicts(key))
      entry.now.known.emplace(record.id, record);
  }
  return entry.now;
}

void MergeBatch::undo() {
  for (Before& before : before_) {
    if (before.row) {
      rows_.at(before.key).now = *std::move(before.row);
    } else {
      rows_.erase(before.key);
    }
  }
  forget();
}

std::vector<RowKey> MergeBatch::touched() const {
  std::vector<RowKey> keys;
  keys.reserve(before_.size());
  for (const Before& before : before_) keys.push_back(before.key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::pair<RowKey, WorkingRow*>> MergeBatch::rows() {
  std::vector<std::pair<RowKey, WorkingRow*>> all;
  all.reserve(rows_.size());
  for (auto& [key, entry] : rows_) all.emplace_back(key, &entry.now);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return all;
}

std::vector<RowKey> MergeBatch::children_of(const RowKey& parent) const {
  std::vector<RowKey> found;
  for (const auto& [child, via] : child_tables(schema_, parent.table)) {
    const ChildQuery query{child, via, parent.row};
    std::set<RowId> candidates;
    if (stored_.knows(query)) {
      const std::vector<RowId>& stored = stored_.children(query);
      candidates.insert(stored.begin(), stored.end());
    } else {
      // Only a row that is new in this commit may have moved without missing() asking for its
      // children.
      DS_ASSERT(stored_.find(parent) == nullptr);
    }
    if (const auto hung = hung_.find(query); hung != hung_.end()) {
      candidates.insert(hung->second.begin(), hung->second.end());
    }
    for (const RowId& id : candidates) {
      const StoredRow* row = find({child, id});
      if (row != nullptr && row->live && parent_of(schema_, *row) == parent) {
        found.push_back(row->key());
      }
    }
  }
  return found;
}

std::optional<RowKey> parent_of(const Schema& schema, const StoredRow& row) {
  const Table& table = schema.table(row.table);
  if (table.scope.kind != ScopeRule::Kind::via) return std::nullopt;
  return parent_named(schema, table, row.image.values[table.scope.column.index]);
}

std::optional<RowKey> parent_named(const Schema& schema, const Table& table, const Value& value) {
  if (table.scope.kind != ScopeRule::Kind::via || value.is_null()) return std::nullopt;
  const std::optional<TableId> parent = table.column(table.scope.column).references;
  if (!parent) return std::nullopt;
  auto row = key_of(schema.table(*parent), value);
  if (!row) return std::nullopt;
  return RowKey{*parent, *row};
}

std::optional<RowKey> unit_named(const Schema& schema, const Table& table, const Value& value) {
  if (table.scope.kind != ScopeRule::Kind::column || !schema.tree()) return std::nullopt;
  auto row = key_of(schema.table(schema.tree()->table), value);
  if (!row) return std::nullopt;
  return RowKey{schema.tree()->table, *row};
}

std::vector<std::pair<TableId, ColumnId>> child_tables(const Schema& schema, TableId parent) {
  std::vector<std::pair<TableId, ColumnId>> found;
  for (std::size_t i = 0; i < schema.tables().size(); ++i) {
    const Table& table = schema.tables()[i];
    if (table.scope.kind != ScopeRule::Kind::via) continue;
    if (table.column(table.scope.column).references != parent) continue;
    found.emplace_back(TableId{static_cast<std::uint16_t>(i)}, table.scope.column);
  }
  return found;
}

}  // namespace doorstep
