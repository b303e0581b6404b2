#include "engine/core/merge_scope.hpp"

#include <algorithm>

#include "engine/core/limits.hpp"

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
    if (auto refusal = bring_back(*parent, wanted)) return refusal;
  }
  if (auto refusal = resolve_if_open(*parent)) return refusal;
  scope = batch_.find(*parent)->scope;
  return std::nullopt;
}

std::optional<Refusal> ScopeResolver::bring_back(const RowKey& parent, const Wanted& child) {
  const StoredRow& row = *batch_.find(parent);
  const bool stands = write_.schema.table(parent.table).on_delete == DeletePolicy::delete_wins ||
                      (child.inserted && write_.has_seen(*row.death, child.observed));
  if (stands) return rejected(ErrorCode::parent_dead, describe(write_.schema, parent));
  revive_row(write_, batch_.touch(parent));
  add(parent, child.observed, false);
  return std::nullopt;
}

void ScopeResolver::move(const RowKey& key, const ScopeId& scope) {
  StoredRow& row = *batch_.touch(key).row;
  row.scope = scope;
  row.position = row.since = write_.commit;
  for (const RowKey& child : batch_.children_of(key)) {
    // One of this transaction's own is on the way to its scope already.
    if (open_.contains(child) || batch_.find(child)->scope == scope) continue;
    move(child, scope);
  }
}

bool may_return(const MergeBatch& batch, const StoredRow& row) {
  const StoredRow* at = &row;
  while (const auto parent = parent_of(batch.schema(), *at)) {
    at = batch.find(*parent);
    if (at == nullptr || at->live) return at != nullptr;
    if (at->collected) return false;  // there is nothing left of it to bring back
    const Table& table = batch.schema().table(at->table);
    if (table.on_delete == DeletePolicy::delete_wins) return false;
  }
  return true;
}

}  // namespace doorstep
