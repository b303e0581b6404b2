#include "engine/core/merge_scope.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/merge_delete.hpp"

namespace doorstep {
namespace {

std::string describe(const Schema& schema, const RowKey& key) {
  const Table& table = schema.table(key.table);
  const bool text = table.key_type == ColumnType::text;
  return "table " + table.name + ", row " +
         (text ? std::string(key.row.text()) : to_hex(key.row.view()));
}

Refusal rejected(ErrorCode code, std::string detail) {
  return {Outcome::Kind::rejected, error(code, std::move(detail)), {}};
}

}  // namespace

std::optional<Refusal> fallen(const FallenRows& rows, const DeviceId& author, const RowKey& key) {
  const auto found = rows.find({author, key});
  if (found == rows.end()) return std::nullopt;
  return Refusal{
      Outcome::Kind::depends_on,
      error(ErrorCode::depends_on_rejected, "transaction " + std::to_string(found->second.value)),
      found->second};
}

std::optional<Refusal> ScopeResolver::run() {
  while (!open_.empty()) {
    if (auto refusal = resolve_if_open(open_.begin()->first)) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> ScopeResolver::resolve_if_open(const RowKey& key) {
  const auto found = open_.find(key);
  if (found == open_.end()) return std::nullopt;
  const RowKey copy = key;
  const Wanted wanted = found->second;
  open_.erase(found);
  return resolve(copy, wanted);
}

std::optional<Refusal> ScopeResolver::resolve(const RowKey& key, const Wanted& wanted) {
  const StoredRow& row = *batch_.find(key);
  if (!row.live) return std::nullopt;  // it went with its parent
  const Table& table = write_.schema.table(key.table);
  ScopeId scope;
  switch (table.scope.kind) {
    case ScopeRule::Kind::key:
      scope.code = key.row.text();
      break;
    case ScopeRule::Kind::column: {
      const Value& value = row.image.values[table.scope.column.index];
      if (value.kind() == Value::Kind::text) scope.code = value.as_text();
      break;
    }
    case ScopeRule::Kind::via:
      if (auto refusal = parent_scope(row, wanted, scope)) return refusal;
      if (!batch_.find(key)->live) return std::nullopt;
      break;
  }
  if (scope.empty() || scope.code.size() > limits::scope_bytes_max) {
    return rejected(ErrorCode::scope_denied,
                    describe(write_.schema, key) + ": it says no scope to live in");
  }
  if (row.scope == scope) return std::nullopt;
  if (!is_known_scope(table, row, scope)) {
    return rejected(ErrorCode::scope_denied,
                    describe(write_.schema, key) + ": there is no scope " + scope.code);
  }
  move(key, scope);
  return std::nullopt;
}

/// A unit that is not loaded was named by an earlier write that passed this check.
bool ScopeResolver::is_known_scope(const Table& table, const StoredRow& row,
                                   const ScopeId& scope) const {
  const std::vector<ScopeId>& granted = write_.transaction.granted;
  if (granted.empty() || std::find(granted.begin(), granted.end(), scope) != granted.end()) {
    return true;
  }
  if (table.scope.kind != ScopeRule::Kind::column) return true;
  const auto unit = unit_named(write_.schema, table, row.image.values[table.scope.column.index]);
  if (!unit || !batch_.knows(*unit)) return !write_.schema.tree() || unit.has_value();
  const StoredRow* found = batch_.find(*unit);
  return found != nullptr && found->live;
}

std::optional<Refusal> ScopeResolver::parent_scope(const StoredRow& row, const Wanted& wanted,
                                                   ScopeId& scope) {
  const std::optional<RowKey> parent = parent_of(write_.schema, row);
  if (!parent) {
    return rejected(ErrorCode::scope_denied,
                    describe(write_.schema, row.key()) + ": it names no row to live with");
  }
  const StoredRow* found = batch_.find(*parent);
  if (found == nullptr || !found->live) {
    if (auto refusal = fallen(fallen_, write_.author(), *parent)) return refusal;
  }
  if (found == nullptr || found->collected) {
    return Refusal{Outcome::Kind::quarantined,
                   error(ErrorCode::row_unknown, describe(write_.schema, *parent)),
                   {}};
  }
  if (!found->live) {
    const RowKey child = row.key();
    if (auto refusal = with_dead_parent(child, *parent, wanted)) return refusal;
    if (!batch_.find(child)->live) return std::nullopt;
  }
  if (auto refusal = resolve_if_open(*parent)) return refusal;
  scope = batch_.find(*parent)->scope;
  return std::nullopt;
}

/// The parent comes back, or the child goes with it; only an insert below a parent that its author
/// knew to be gone is refused.
std::optional<Refusal> ScopeResolver::with_dead_parent(const RowKey& child, const RowKey& parent,
                                                       const Wanted& wanted) {
  const StoredRow& row = *batch_.find(parent);
  if (wanted.inserted && write_.has_seen(*row.death, wanted.sight)) {
    return rejected(ErrorCode::parent_dead, describe(write_.schema, parent));
  }
  // What is new below a row that somebody let go is settled by that, like an edit of it.
  const bool settled =
      wanted.inserted && is_gone_by_decision(write_, *batch_.find(deletion_root(batch_, row)));
  // Nor does it come back for what its deleter had seen, and which only comes later now.
  const bool went = wanted.sight.is_seen_by(*row.death);
  if (!settled && !went && may_return(batch_, row)) {
    revive(parent, wanted.sight);
    return std::nullopt;
  }
  bury(write_, batch_, child, parent);
  for (const RowChange& change : write_.transaction.content.changes) {
    if (RowKey{change.table, change.row} != child) continue;
    const Table& table = write_.schema.table(change.table);
    for (const CellChange& cell : change.cells)
      lost_.push_back({table.name, change.row, table.column(cell.column).name});
  }
  return std::nullopt;
}

void ScopeResolver::revive(const RowKey& dead, const Sight& sight, Revival revival) {
  for (const RowKey& key : revive_unit(write_, batch_, dead, revival)) {
    add(key, sight, false);
    if (const auto parent = parent_of(write_.schema, *batch_.find(key))) {
      const ColumnId via = write_.schema.table(key.table).scope.column;
      batch_.hang({key.table, via, parent->row}, key.row);
    }
  }
}

void ScopeResolver::move(const RowKey& key, const ScopeId& scope) {
  StoredRow& row = *batch_.touch(key).row;
  row.scope = scope;
  row.position = write_.commit;
  if (!DS_DEFECT("move_keeps_since")) row.since = write_.commit;
  for (const RowKey& child : batch_.children_of(key)) {
    // One of this transaction's own is on the way to its scope already.
    if (open_.contains(child) || batch_.find(child)->scope == scope) continue;
    move(child, scope);
  }
}

}  // namespace doorstep
