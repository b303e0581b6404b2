#include "engine/core/merge_rights.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

bool holds(const std::vector<ScopeId>& scopes, const ScopeId& scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

/// Did the author write this row and not see it come back? Then nobody but her told her of it: that
/// write was judged, and so she may go on.
bool wrote_unseen(const DeviceId& author, const StoredRow& row, Position observed) {
  const auto own = [&](const CellVersion& version) {
    return version.author == author && version.position > observed;
  };
  if (own(row.base)) return true;
  return std::any_of(row.cells.begin(), row.cells.end(), [&](const CellState& cell) {
    return std::any_of(cell.contributions.begin(), cell.contributions.end(),
                       [&](const Contribution& one) { return own(one.version); });
  });
}

/// What the author had seen of the row that this one hangs on: a reference may carry its own.
Position seen_of_parent(const RowWrite& write, const RowChange& change) {
  const Table& table = write.schema.table(change.table);
  if (table.scope.kind == ScopeRule::Kind::via) {
    for (const CellChange& cell : change.cells) {
      if (cell.column == table.scope.column) {
        return write.sight(observed_of(write.transaction.content, change, cell)).observed();
      }
    }
  }
  return row_observed(write, change);
}

}  // namespace

std::optional<Refusal> refused_role(const RowWrite& write, const RowChange& change) {
  const RoleRights* rights = write.transaction.rights;
  const Status allowed = rights == nullptr ? Status() : rights->check(write.schema, change);
  if (allowed) return std::nullopt;
  return Refusal{Outcome::Kind::rejected, allowed.error(), {}};
}

Refusal WriteRights::refusal(const RowKey& key) const {
  const Table& table = write_.schema.table(key.table);
  return {Outcome::Kind::rejected,
          error(ErrorCode::scope_denied,
                "table " + table.name + ", row " +
                    (table.key_type == ColumnType::text ? std::string(key.row.text())
                                                        : to_hex(key.row.view())) +
                    ": it was in no scope of this device"),
          {}};
}

std::optional<Refusal> WriteRights::row(const RowChange& change) const {
  const RowKey key{change.table, change.row};
  const StoredRow* row = batch_.find(key);
  if (write_.transaction.granted.empty() || row == nullptr) return std::nullopt;
  const Position observed = row_observed(write_, change);
  if (covers(write_.transaction.granted, row->scope)) return std::nullopt;
  if (write_.transaction.readdressed.contains(key)) return std::nullopt;
  if (wrote_unseen(write_.author(), *row, observed)) return std::nullopt;
  if (was_granted(key, observed)) return std::nullopt;
  return refusal(key);
}

std::optional<Refusal> WriteRights::new_row(const RowChange& change) const {
  const RowKey key{change.table, change.row};
  const StoredRow* row = batch_.find(key);
  if (write_.transaction.granted.empty() || row == nullptr) return std::nullopt;
  if (covers(write_.transaction.granted, row->scope)) return std::nullopt;
  const Position observed = seen_of_parent(write_, change);
  const auto parent = parent_of(write_.schema, *row);
  if (parent && write_.transaction.readdressed.contains(*parent)) return std::nullopt;
  const StoredRow* above = parent && batch_.knows(*parent) ? batch_.find(*parent) : nullptr;
  if (above != nullptr && wrote_unseen(write_.author(), *above, observed)) return std::nullopt;
  if (was_granted(key, observed)) return std::nullopt;
  return refusal(key);
}

/// By where the row was when it was observed, or before this commit, which nobody has seen.
bool WriteRights::was_granted(const RowKey& key, Position observed) const {
  if (DS_DEFECT("rights_of_now")) return false;
  const StoredRow* before = stored_.knows(key) ? stored_.find(key) : nullptr;
  if (before != nullptr && covers(write_.transaction.granted, before->scope)) return true;
  const auto scope = scope_at(key, observed, 0);
  const std::vector<ScopeId>* then = granted_at(observed);
  return !scope || then == nullptr || covers(*then, *scope);
}

/// A grant is one for all that lies below it in the tree.
bool WriteRights::covers(const std::vector<ScopeId>& granted, const ScopeId& scope) const {
  const auto& tree = write_.schema.tree();
  ScopeId at = scope;
  for (std::size_t level = 0; level <= limits::scope_depth_max && !at.empty(); ++level) {
    if (holds(granted, at)) return true;
    const auto row = tree ? RowId::from(std::string_view(at.code)) : std::nullopt;
    if (!row) return false;
    const RowKey unit{tree->table, *row};
    if (!batch_.knows(unit)) {
      missing_.rows.insert(unit);
      return true;
    }
    const StoredRow* found = batch_.find(unit);
    if (found == nullptr) return false;
    const Value& parent = found->image.values[tree->parent.index];
    at.code = parent.kind() == Value::Kind::text ? std::string(parent.as_text()) : std::string();
  }
  return false;
}

/// Where the row was at that position; nullopt while something is not loaded.
std::optional<ScopeId> WriteRights::scope_at(const RowKey& key, Position observed,
                                             std::size_t depth) const {
  if (!stored_.knows(key)) {
    missing_.rows.insert(key);
    return std::nullopt;
  }
  const StoredRow* before = stored_.find(key);
  const StoredRow& row = before != nullptr ? *before : *batch_.find(key);
  bool younger = before == nullptr;
  if (before != nullptr) {
    if (!stored_.knows_departures(key)) {
      missing_.departures.insert(key);
      return std::nullopt;
    }
    for (const Departure& departure : stored_.departures(key)) {
      if (departure.position > observed) return departure.from;
    }
    younger = row.since > observed;
  }
  // One that was not there yet is judged by where the row that it hangs on was.
  const auto parent = younger ? parent_of(write_.schema, row) : std::nullopt;
  const bool known = parent && (!stored_.knows(*parent) || batch_.find(*parent) != nullptr);
  if (!known || depth >= limits::via_depth_max) return row.scope;
  return scope_at(*parent, observed, depth + 1);
}

/// The scopes granted at that position; null while they are not loaded.
const std::vector<ScopeId>* WriteRights::granted_at(Position observed) const {
  const IncomingTransaction& transaction = write_.transaction;
  const Position at = std::max(observed, transaction.enrolled);
  if (at >= transaction.granted_since) return &transaction.granted;
  const DeviceId& author = write_.author();
  if (!stored_.knows_grants(author)) {
    missing_.grants.insert(author);
    return nullptr;
  }
  for (const PastGrant& grant : stored_.grants(author)) {
    if (grant.from <= at && at < grant.to) return &grant.scopes;
  }
  return &transaction.granted;
}

}  // namespace doorstep
