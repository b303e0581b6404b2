#include "tests/support/naive_model.hpp"

#include <algorithm>

#include "tests/support/naive_cell.hpp"

namespace doorstep::test {
namespace {

// The cells of a table: the first column of each group stands for the group.
std::vector<ColumnId> cells_of(const Table& table) {
  std::vector<ColumnId> cells;
  for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
    if (cell_of(table, ColumnId{i}).front() == ColumnId{i}) cells.push_back(ColumnId{i});
  }
  return cells;
}

// The part of `change` that writes `cell`; nullopt when it does not. A group travels whole.
std::optional<NaiveWrite> write_of(const IncomingTransaction& transaction, const RowChange& change,
                                   const std::vector<ColumnId>& cell, Position commit) {
  NaiveWrite write{transaction.id.device,
                   transaction.id.sequence,
                   commit,
                   observed_by(transaction.content, change, cell),
                   transaction.stamp,
                   std::vector<Value>(cell.size()),
                   std::nullopt,
                   {},
                   false,
                   false,
                   false,
                   Decision::none,
                   false,
                   false,
                   {},
                   change.observed.value_or(transaction.content.observed),
                   {}};
  bool written = false;
  for (const CellChange& part : change.cells) {
    const auto found = std::find(cell.begin(), cell.end(), part.column);
    if (found == cell.end()) continue;
    written = true;
    write.what = part.decision;
    if (const auto* value = std::get_if<Value>(&part.edit)) {
      write.values[static_cast<std::size_t>(found - cell.begin())] = *value;
    } else if (const auto* delta = std::get_if<CounterDelta>(&part.edit)) {
      write.amount = delta->amount;
    } else {
      write.edit = std::get<SetEdit>(part.edit);
    }
  }
  return written ? std::optional(write) : std::nullopt;
}

}  // namespace

std::vector<ColumnId> cell_of(const Table& table, ColumnId column) {
  const std::string& group = table.column(column).group;
  if (group.empty()) return {column};
  std::vector<ColumnId> cell;
  for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].group == group) cell.push_back(ColumnId{i});
  }
  return cell;
}

RowImage NaiveHub::shown(TableId table_id, const NaiveRow& row) const {
  const Table& table = schema_->table(table_id);
  RowImage image{std::vector<Value>(table.columns.size())};
  for (const auto& [cell, writes] : row.writes) {
    const std::vector<ColumnId> columns = cell_of(table, cell);
    const std::vector<Value> values = shown_of(table.column(cell), writes);
    for (std::size_t i = 0; i < columns.size(); ++i) image.values[columns[i].index] = values[i];
  }
  return image;
}

Value NaiveHub::shown(const RowKey& key, ColumnId column) const {
  const Table& table = schema_->table(key.table);
  const std::vector<ColumnId> cell = cell_of(table, column);
  const auto written = rows_.at(key).writes.find(cell.front());
  if (written == rows_.at(key).writes.end()) return Value::null();
  const auto place = std::find(cell.begin(), cell.end(), column) - cell.begin();
  return shown_of(table.column(cell.front()), written->second)[static_cast<std::size_t>(place)];
}

// A live row stands where its column or its parent says; a dead one where it died, until it lives
// again.
std::optional<ScopeId> NaiveHub::scope_of(const RowKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::nullopt;
  if (!found->second.live) return found->second.scope;
  const Table& table = schema_->table(key.table);
  if (table.scope.kind == ScopeRule::Kind::key) return ScopeId{std::string(key.row.text())};
  const Value value = shown(key, table.scope.column);
  if (value.is_null()) return std::nullopt;
  if (table.scope.kind == ScopeRule::Kind::column) return ScopeId{std::string(value.as_text())};
  const TableId parent = *table.column(table.scope.column).references;
  return scope_of({parent, key_of(schema_->table(parent), value).value()});
}

bool NaiveHub::place_rows() {
  for (auto& [key, row] : rows_) {
    const std::optional<ScopeId> scope = scope_of(key);
    if (!scope) return false;
    row.scope = *scope;
  }
  return true;
}

void NaiveHub::write(NaiveRow& row, const IncomingTransaction& transaction, const RowChange& change,
                     Position commit) {
  const Table& table = schema_->table(change.table);
  for (const ColumnId cell : cells_of(table)) {
    if (auto part = write_of(transaction, change, cell_of(table, cell), commit)) {
      part->to_dead = !row.live;
      const auto index = static_cast<std::size_t>(&change - transaction.content.changes.data());
      if (addressed_.at(index) != RowKey{change.table, change.row})
        part->addressed_to = addressed_[index];
      const auto meant = meant_.find({RowKey{change.table, change.row}, cell});
      if (meant != meant_.end()) part->meant.push_back(meant->second);
      row.writes[cell].push_back(std::move(*part));
    }
  }
}

// Writes every column, NULLs too. On a row whose delete its author had seen, what she saw is gone
// with it.
void NaiveHub::insert(NaiveRow& row, const IncomingTransaction& transaction,
                      const RowChange& change, Position commit) {
  const Table& table = schema_->table(change.table);
  for (const ColumnId cell : cells_of(table)) {
    const std::vector<ColumnId> columns = cell_of(table, cell);
    NaiveWrite blank{transaction.id.device,
                     transaction.id.sequence,
                     commit,
                     observed_by(transaction.content, change, columns),
                     transaction.stamp,
                     std::vector<Value>(columns.size()),
                     std::nullopt,
                     {},
                     true,
                     false,
                     false,
                     Decision::none,
                     false,
                     false,
                     {},
                     change.observed.value_or(transaction.content.observed),
                     {}};
    NaiveWrite part = write_of(transaction, change, columns, commit).value_or(blank);
    const MergePolicy policy = table.column(cell).policy;
    if (policy == MergePolicy::counter || policy == MergePolicy::set) {
      std::erase_if(row.writes[cell],
                    [&](const NaiveWrite& earlier) { return has_seen(part, earlier); });
    }
    part.begins_life = true;
    const auto meant = meant_.find({RowKey{change.table, change.row}, cell});
    if (meant != meant_.end()) part.meant.push_back(meant->second);
    row.writes[cell].push_back(std::move(part));
  }
  row.live = true;
  row.death.reset();
}

Outcome::Kind NaiveHub::apply(const IncomingTransaction& transaction, const RowChange& change,
                              Position commit) {
  const Table& table = schema_->table(change.table);
  const RowKey key{change.table, change.row};
  const auto found = rows_.find(key);
  const bool exists = found != rows_.end();
  if (change.kind == RowChange::Kind::insert && !exists) {
    insert(rows_[key], transaction, change, commit);
    return find_parent(transaction, change) ? Kind::accepted : Kind::rejected;
  }
  if (!exists) return Kind::quarantined;
  if (table.append_only) return Kind::rejected;
  NaiveRow& row = found->second;
  const Position observed = change.observed.value_or(transaction.content.observed);
  const bool knew = !row.live && delete_was_seen(*row.death, transaction.id.device, observed);
  if (knew && change.kind == RowChange::Kind::insert) {
    insert(row, transaction, change, commit);
    return Kind::accepted;
  }
  if (!row.live && !knew && can_return(key)) revive(key);
  write(row, transaction, change, commit);
  return !row.live || find_parent(transaction, change) ? Kind::accepted : Kind::rejected;
}

// An entry goes only with the row that it hangs on.
bool NaiveHub::goes_alone(const IncomingTransaction& transaction, const RowChange& change) const {
  const RowKey key{change.table, change.row};
  if (!schema_->table(change.table).append_only || !rows_.contains(key)) return false;
  const auto& changes = transaction.content.changes;
  const auto parent = parent_of(key);
  return std::none_of(changes.begin(), changes.end(), [&](const RowChange& other) {
    return other.kind == RowChange::Kind::remove && parent == RowKey{other.table, other.row};
  });
}

bool NaiveHub::writes_hub_column(const IncomingTransaction& transaction,
                                 const RowChange& change) const {
  const Table& table = schema_->table(change.table);
  return !transaction.by_hub &&
         std::any_of(change.cells.begin(), change.cells.end(), [&](const CellChange& cell) {
           return table.column(cell.column).policy == MergePolicy::hub;
         });
}

// The first change that cannot be merged decides the fate of the whole transaction. Deletes come
// last: what hangs on a row is known once everything else is written.
NaiveOutcome NaiveHub::try_all(const IncomingTransaction& transaction,
                               const std::map<RowKey, NaiveRow>& before, Position commit) {
  for (const RowChange& change : transaction.content.changes) {
    if (change.kind == RowChange::Kind::remove) continue;
    if (const auto root = built_on(transaction.id.device, change)) return {Kind::depends_on, *root};
    if (writes_hub_column(transaction, change)) return {Kind::rejected, {}};
    const Kind kind = apply(transaction, change, commit);
    if (kind != Kind::accepted) return {kind, {}};
  }
  if (!place_rows()) return {Kind::quarantined, {}};
  for (const RowChange& change : transaction.content.changes) {
    if (change.kind != RowChange::Kind::remove) continue;
    if (const auto root = built_on(transaction.id.device, change)) return {Kind::depends_on, *root};
    if (goes_alone(transaction, change)) return {Kind::rejected, {}};
  }
  remove(transaction, commit);
  if (breaks_rule(transaction, before)) return {Kind::rejected, {}};
  move_since(before, commit);
  return {Kind::accepted, {}};
}

// What lives anew, or somewhere else, does so from here on.
void NaiveHub::move_since(const std::map<RowKey, NaiveRow>& before, Position commit) {
  for (auto& [key, row] : rows_) {
    const auto old = before.find(key);
    const bool stayed = old != before.end() && old->second.live && old->second.scope == row.scope;
    if (row.live && !stayed) row.since = commit;
  }
}

// All or nothing.
NaiveOutcome NaiveHub::apply(const IncomingTransaction& transaction, Position commit) {
  std::map<RowKey, NaiveRow> before = rows_;
  const NaiveOutcome outcome = try_all(transaction, before, commit);
  if (outcome.kind != Kind::accepted) {
    rows_ = std::move(before);
    fall(transaction, outcome);
  }
  std::erase_if(fallen_, [&](const auto& one) {
    const auto row = rows_.find(one.first.second);
    return row != rows_.end() && row->second.live;
  });
  return outcome;
}

void NaiveHub::begin_commit() {
  left_.clear();
  lost_now_.clear();
  decided_now_.clear();
  late_deletes_.clear();
  scopes_before_.clear();
  for (const auto& [key, row] : rows_) scopes_before_[key] = row.scope;
}

void NaiveHub::end_commit(Position commit) {
  for (const auto& [key, row] : rows_) {
    const auto old = scopes_before_.find(key);
    if (old != scopes_before_.end() && old->second != row.scope) left_[key] = old->second;
  }
  for (const auto& late : late_deletes_) {
    const RowKey& row = late.first;
    const DeviceId& author = late.second;
    // Deletes of both ids in one commit are one record.
    const auto& overruled = rows_.at(row).overruled;
    const bool known = std::any_of(overruled.begin(), overruled.end(), [&](const auto& one) {
      return one.author == author && one.position == commit;
    });
    if (rows_.at(row).live && !known) overruled_late_.insert({row, author, commit});
  }
  keep_records(true, commit);
}

std::vector<NaiveOutcome> NaiveHub::commit(std::span<const IncomingTransaction> transactions,
                                           Position commit) {
  begin_commit();
  std::vector<NaiveOutcome> outcomes;
  for (const IncomingTransaction& sent : transactions) {
    const auto late_deletes = late_deletes_;
    const IncomingTransaction transaction = readdressed(sent);
    NaiveOutcome outcome = apply(transaction, commit);
    const bool is_in = outcome.kind == Kind::accepted;
    if (is_in) record_decisions(transaction, commit);
    if (!is_in) late_deletes_ = late_deletes;
    keep_records(false, commit);
    // Judged when it is its turn: what a later one does to it is the same whether or not they share
    // a commit.
    if (is_in && (spared_ || lost_anything(transaction, commit))) outcome.kind = Kind::merged;
    std::set<RowKey> rows;
    for (const RowChange& change : transaction.content.changes)
      outcome.twice |= !rows.insert({change.table, change.row}).second;
    outcomes.push_back(outcome);
  }
  end_commit(commit);
  return outcomes;
}

}  // namespace doorstep::test
