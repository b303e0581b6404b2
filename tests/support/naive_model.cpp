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
                   false};
  bool written = false;
  for (const CellChange& part : change.cells) {
    const auto found = std::find(cell.begin(), cell.end(), part.column);
    if (found == cell.end()) continue;
    written = true;
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

NaiveLoser delete_loser(const Table& table, const RowKey& key, const NaiveDelete& loser) {
  return {table.name,         std::string(key.row.text()), "", Value::null().display(),
          loser.author.hex(), loser.position.value};
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

// A live row stands where its column or its parent says; a dead one where it died, until it lives
// again.
std::optional<ScopeId> NaiveHub::scope_of(const RowKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::nullopt;
  if (!found->second.live) return found->second.scope;
  const Table& table = schema_->table(key.table);
  if (table.scope.kind == ScopeRule::Kind::key) return ScopeId{std::string(key.row.text())};
  const Value value = shown(key.table, found->second).values[table.scope.column.index];
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
                     false};
    blank.left_out = true;
    NaiveWrite part = write_of(transaction, change, columns, commit).value_or(blank);
    const MergePolicy policy = table.column(cell).policy;
    if (policy == MergePolicy::counter || policy == MergePolicy::set) {
      std::erase_if(row.writes[cell],
                    [&](const NaiveWrite& earlier) { return has_seen(part, earlier); });
    }
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

bool NaiveHub::builds_on_refused(const IncomingTransaction& transaction) const {
  for (const RowChange& change : transaction.content.changes) {
    const auto refused = [&](const RowKey& key) {
      return !rows_.contains(key) && refused_inserts_.contains({transaction.id.device, key});
    };
    if (change.kind != RowChange::Kind::insert && refused({change.table, change.row})) return true;
    const Table& table = schema_->table(change.table);
    for (const CellChange& cell : change.cells) {
      const Column& column = table.column(cell.column);
      const auto* value = std::get_if<Value>(&cell.edit);
      if (!column.references || value == nullptr || value->is_null()) continue;
      if (refused({*column.references, key_of(schema_->table(*column.references), *value).value()}))
        return true;
    }
  }
  return false;
}

// An entry goes only with the row that it hangs on.
bool NaiveHub::lone_append_only_delete(const IncomingTransaction& transaction) const {
  const auto& changes = transaction.content.changes;
  return std::any_of(changes.begin(), changes.end(), [&](const RowChange& change) {
    const RowKey key{change.table, change.row};
    if (change.kind != RowChange::Kind::remove || !schema_->table(change.table).append_only ||
        !rows_.contains(key))
      return false;
    const auto parent = parent_of(key);
    return std::none_of(changes.begin(), changes.end(), [&](const RowChange& other) {
      return other.kind == RowChange::Kind::remove && parent == RowKey{other.table, other.row};
    });
  });
}

// All or nothing: the first change that cannot be merged decides the fate of the transaction.
Outcome::Kind NaiveHub::apply(const IncomingTransaction& transaction, Position commit) {
  const std::map<RowKey, NaiveRow> before = rows_;
  Kind kind = builds_on_refused(transaction) ? Kind::depends_on : Kind::accepted;
  for (const RowChange& change : transaction.content.changes) {
    for (const CellChange& cell : change.cells) {
      const bool hub_only =
          schema_->table(change.table).column(cell.column).policy == MergePolicy::hub;
      const bool writes = change.kind != RowChange::Kind::remove;
      if (kind == Kind::accepted && hub_only && writes && !transaction.by_hub)
        kind = Kind::rejected;
    }
    const bool writes = change.kind != RowChange::Kind::remove;
    if (kind == Kind::accepted && writes) kind = apply(transaction, change, commit);
  }
  if (kind == Kind::accepted && !place_rows()) kind = Kind::quarantined;
  if (kind == Kind::accepted && lone_append_only_delete(transaction)) kind = Kind::rejected;
  if (kind == Kind::accepted) remove(transaction, commit);
  if (kind == Kind::accepted) {
    for (auto& [key, row] : rows_) {
      const auto old = before.find(key);
      const bool stayed = old != before.end() && old->second.live && old->second.scope == row.scope;
      if (row.live && !stayed) row.since = commit;
    }
    return kind;
  }
  rows_ = before;
  for (const RowChange& change : transaction.content.changes) {
    if (change.kind != RowChange::Kind::insert) continue;
    if (!rows_.contains({change.table, change.row})) {
      refused_inserts_.insert({transaction.id.device, {change.table, change.row}});
    }
  }
  return kind;
}

std::vector<Outcome::Kind> NaiveHub::commit(std::span<const IncomingTransaction> transactions,
                                            Position commit) {
  const std::map<RowKey, NaiveRow> before = rows_;
  refused_inserts_.clear();
  left_.clear();
  std::vector<Kind> kinds;
  for (const IncomingTransaction& transaction : transactions) {
    Kind kind = apply(transaction, commit);
    keep_records(false);
    // Judged when it is its turn: what a later one does to it is the same whether or not they share
    // a commit.
    if (kind == Kind::accepted && lost_anything(transaction, commit)) kind = Kind::merged;
    kinds.push_back(kind);
  }
  for (auto& [key, row] : rows_) {
    const auto old = before.find(key);
    if (old != before.end() && old->second.scope != row.scope) left_[key] = old->second.scope;
  }
  keep_records(true);
  return kinds;
}

bool NaiveHub::lost_anything(const IncomingTransaction& transaction, Position commit) const {
  const auto own = [&](const auto& written) {
    return written.author == transaction.id.device && written.sequence == transaction.id.sequence &&
           written.position == commit;
  };
  for (const auto& [key, row] : rows_) {
    if (std::any_of(row.overruled.begin(), row.overruled.end(), own)) return true;
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = schema_->table(key.table).column(cell);
      const auto standing = row.live ? losers_of(column, writes) : standing_of(column, writes);
      for (const Standing& loser : standing) {
        if (own(*loser.write) && (row.live || unseen_by(*row.death, cell, *loser.write)))
          return true;
      }
    }
  }
  return false;
}

// A record is withdrawn when its author replaces the value or when it is shown after all. When
// somebody else replaces it, having seen the cell, it stays: nobody may have looked at it. What a
// delete takes unseen is told at once, what lost to another value at the end of the commit, for it
// may have been replaced within it.
void NaiveHub::keep_records(bool at_end) {
  for (const auto& [key, row] : rows_) {
    const Table& table = schema_->table(key.table);
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = table.column(cell);
      if (column.policy == MergePolicy::counter || column.policy == MergePolicy::set) continue;
      const auto standing = standing_of(column, writes);
      const auto losers = losers_of(column, writes);
      const auto among = [](const std::vector<Standing>& all, const NaiveWrite& write) {
        return std::any_of(all.begin(), all.end(),
                           [&](const Standing& one) { return one.write == &write; });
      };
      for (auto write = writes.begin(); write != writes.end(); ++write) {
        const auto replaced = std::find_if(write + 1, writes.end(), [&](const NaiveWrite& later) {
          return replaces(column, later, *write);
        });
        const bool lost_to_delete = among(standing, *write) && !row.live && !write->left_out &&
                                    unseen_by(*row.death, cell, *write);
        const bool corrected = replaced != writes.end() && replaced->author == write->author;
        // Two writes of one author in one commit are one record, the later one's.
        if (corrected && replaced->position == write->position && row.live) continue;
        const RecordKey record{key, cell, write->author, write->position};
        // What a delete had seen went with it; below a delete nothing is shown, so nothing is
        // withdrawn.
        if (lost_to_delete || (at_end && row.live && among(losers, *write))) {
          records_[record] = write->values;
        } else if (at_end && row.live && (among(standing, *write) || corrected)) {
          records_.erase(record);
        }
      }
    }
  }
}

std::multiset<NaiveLoser> NaiveHub::losers() const {
  std::multiset<NaiveLoser> all;
  for (const auto& [key, row] : rows_) {
    for (const NaiveDelete& loser : row.overruled)
      all.insert(delete_loser(schema_->table(key.table), key, loser));
  }
  for (const auto& [record, values] : records_) {
    const auto& [key, cell, author, position] = record;
    const Table& table = schema_->table(key.table);
    const std::vector<ColumnId> columns = cell_of(table, cell);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all.insert({table.name, std::string(key.row.text()), table.column(columns[i]).name,
                  values[i].display(), author.hex(), position.value});
    }
  }
  return all;
}

}  // namespace doorstep::test
