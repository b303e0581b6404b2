// The phones of random_history.hpp.
#include <algorithm>

#include "tests/support/random_history.hpp"

namespace doorstep::test {
namespace {

constexpr std::size_t places_max = 4;

RowId row_id(std::size_t number) {
  std::string text = "row-000000000000";
  const std::string digits = std::to_string(number);
  text.replace(text.size() - digits.size(), digits.size(), digits);
  return *RowId::from(std::string_view(text));
}

// A group is written at its first column; what the hub writes is left alone.
bool begins_cell(const Table& table, ColumnId id) {
  return table.column(id).policy != MergePolicy::hub && cell_of(table, id).front() == id;
}

std::optional<TableId> parent_table(const Table& table) {
  if (table.scope.kind != ScopeRule::Kind::via) return std::nullopt;
  return table.column(table.scope.column).references;
}

// A phone's own foreign keys: one commit does not delete a row and let something hang on it.
bool hangs_on_removed(const Schema& schema, const Transaction& transaction,
                      const RowChange& added) {
  const auto hangs = [&](const RowChange& child, const RowChange& gone) {
    if (gone.kind != RowChange::Kind::remove ||
        parent_table(schema.table(child.table)) != gone.table)
      return false;
    const Value key = Value::blob(gone.row.view());
    return std::any_of(child.cells.begin(), child.cells.end(), [&](const CellChange& cell) {
      const auto* value = std::get_if<Value>(&cell.edit);
      return cell.column == ColumnId{0} && value != nullptr && *value == key;
    });
  };
  return std::any_of(
      transaction.changes.begin(), transaction.changes.end(),
      [&](const RowChange& earlier) { return hangs(earlier, added) || hangs(added, earlier); });
}

}  // namespace

std::vector<const RowChange*> NaiveDevice::own_changes(const RowKey& key) const {
  std::vector<const RowChange*> changes;
  for (const Pending& pending : pending_) {
    for (const RowChange& change : pending.transaction.content.changes) {
      if (change.table == key.table && change.row == key.row) changes.push_back(&change);
    }
  }
  return changes;
}

// A row that a pull removed under own unconfirmed writes stays shown from its last copy.
void NaiveDevice::pull(const NaiveHub& hub, std::size_t head) {
  cursor_ = head;
  if (blind_) view_ = nullptr;
  blind_ = false;
  std::erase_if(pending_, [](const Pending& pending) { return pending.merged_in.has_value(); });
  std::erase_if(base_, [&](const auto& held) { return own_changes(held.first).empty(); });
  for (const auto& [key, row] : hub.rows()) {
    if (key.table.index >= schema_->tables().size()) continue;
    if (!row.live || !scopes_.contains(row.scope)) continue;
    base_[key] = {hub.shown(key), head};
    base_[key].image.values.resize(schema_->table(key.table).columns.size());
  }
}

void NaiveDevice::upgrade(const Schema& schema) {
  if (schema_ == &schema) return;
  schema_ = &schema;
  blind_ = true;
  for (auto& [key, copy] : base_) {
    copy.image.values.resize(schema.table(key.table).columns.size());
    copy.blind = true;
  }
}

// A column of the newer form that this phone has not been told of yet.
bool NaiveDevice::is_unfilled(const RowKey& key, ColumnId column) const {
  const Schema& before = history_schema();
  const bool is_new = key.table.index >= before.tables().size() ||
                      column.index >= before.table(key.table).columns.size();
  const auto copy = base_.find(key);
  return is_new && (blind_ || (copy != base_.end() && copy->second.blind));
}

std::map<RowKey, RowImage> NaiveDevice::shown() const {
  std::map<RowKey, std::optional<RowImage>> rows;
  for (const auto& [key, copy] : base_) rows[key] = copy.image;
  for (const Pending& pending : pending_) {
    for (const RowChange& change : pending.transaction.content.changes)
      rows[{change.table, change.row}];
  }
  std::map<RowKey, RowImage> visible;
  for (const auto& [key, base] : rows) {
    if (auto image = naive_fold(schema_->table(key.table), base, own_changes(key)))
      visible[key] = *image;
  }
  return visible;
}

std::optional<Value> NaiveDevice::key_of_some(Dice& dice, TableId table) const {
  std::vector<Value> keys;
  for (const auto& [key, image] : shown()) {
    if (key.table == table) keys.push_back(value_of_key(schema_->table(table), key.row));
  }
  if (keys.empty()) return std::nullopt;
  return keys[dice.below(keys.size())];
}

std::optional<CellChange> NaiveDevice::random_cell(Dice& dice, const Table& table, ColumnId id,
                                                   const Value& before) const {
  const Column& column = table.column(id);
  if (column.policy == MergePolicy::counter) {
    const auto amount = static_cast<std::int64_t>(dice.below(8)) - 3;
    return CellChange{id, CounterDelta{amount < 0 ? amount : amount + 1}, std::nullopt};
  }
  if (column.policy == MergePolicy::set) {
    SetElements after = parse_set(before).value();
    for (const char* element : {"elder", "left", "poor"}) {
      if (dice.chance(50)) continue;
      const auto found = std::find(after.begin(), after.end(), element);
      found == after.end() ? after.emplace_back(element) : *after.erase(found);
    }
    std::sort(after.begin(), after.end());
    const SetEdit edit = diff_sets(parse_set(before).value(), after);
    if (edit.empty()) return std::nullopt;
    return CellChange{id, edit, std::nullopt};
  }
  if (column.references) {
    const std::optional<Value> key = key_of_some(dice, *column.references);
    if (!key || *key == before) return std::nullopt;
    return CellChange{id, *key, std::nullopt};
  }
  if (column.name == "village")
    return CellChange{id, Value::text(dice.chance(50) ? "x" : "y"), std::nullopt};
  return CellChange{id, random_value(dice, column), std::nullopt};
}

void NaiveDevice::add_cells(Dice& dice, RowChange& change, ColumnId lead,
                            const Value& before) const {
  const Table& table = schema_->table(change.table);
  const std::vector<ColumnId> columns = cell_of(table, lead);
  if (columns.size() > 1) {
    for (const ColumnId column : columns)
      change.cells.push_back({column, random_value(dice, table.column(column)), std::nullopt});
  } else if (auto cell = random_cell(dice, table, lead, before)) {
    change.cells.push_back(*std::move(cell));
  }
}

RowChange NaiveDevice::insert_of(Dice& dice, std::size_t& next_row) const {
  RowChange change{{}, row_id(next_row++), RowChange::Kind::insert, std::nullopt, {}};
  const bool hangs = dice.chance(next_row > places_max ? 90 : 40);
  change.table = TableId{static_cast<std::uint16_t>(dice.below(schema_->tables().size()))};
  const auto above = parent_table(schema_->table(change.table));
  const std::optional<Value> parent = above ? key_of_some(dice, *above) : std::nullopt;
  if (parent && hangs) {
    change.cells.push_back({ColumnId{0}, *parent, std::nullopt});
  } else {
    change.table = TableId{static_cast<std::uint16_t>(dice.chance(75) ? 0 : 5)};
    change.cells.push_back({ColumnId{0}, Value::text(dice.chance(50) ? "x" : "y"), std::nullopt});
  }
  const Table& table = schema_->table(change.table);
  for (std::uint16_t i = 1; i < table.columns.size(); ++i) {
    if (begins_cell(table, ColumnId{i}) && dice.chance(50))
      add_cells(dice, change, ColumnId{i}, Value::null());
  }
  std::erase_if(change.cells, [](const CellChange& cell) {
    return std::holds_alternative<Value>(cell.edit) && std::get<Value>(cell.edit).is_null();
  });
  return change;
}

RowChange NaiveDevice::update_of(Dice& dice, const RowKey& key, const RowImage& image) const {
  const Table& table = schema_->table(key.table);
  RowChange change{key.table, key.row, RowChange::Kind::update, std::nullopt, {}};
  for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
    if (begins_cell(table, ColumnId{i}) && dice.chance(i == 0 ? 10 : 25))
      add_cells(dice, change, ColumnId{i}, image.values[i]);
  }
  return change;
}

std::optional<RowChange> NaiveDevice::random_change(Dice& dice, std::size_t& next_row) const {
  const std::map<RowKey, RowImage> rows = shown();
  if (rows.empty() || dice.chance(rows.size() < 3 ? 40 : 10)) return insert_of(dice, next_row);
  auto chosen = rows.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(dice.below(rows.size())));
  const auto& [key, image] = *chosen;
  if (schema_->table(key.table).append_only && !dice.chance(2)) return std::nullopt;
  if (dice.chance(12))
    return RowChange{key.table, key.row, RowChange::Kind::remove, std::nullopt, {}};
  RowChange change = update_of(dice, key, image);
  decide_some(dice, change);
  return change.cells.empty() ? std::nullopt : std::optional(change);
}

// Now and then a person settles what met in a cell, or takes that back.
void NaiveDevice::decide_some(Dice& dice, RowChange& change) const {
  if (change.kind != RowChange::Kind::update) return;
  const Table& table = schema_->table(change.table);
  for (CellChange& cell : change.cells) {
    const Column& column = table.column(cell.column);
    if (!std::holds_alternative<Value>(cell.edit) || column.references) continue;
    const bool contested = column.name == "phone" || column.name == "name" || column.name == "high";
    const std::size_t chosen = dice.below(contested ? 6 : 30);
    if (chosen < 2) cell.decision = chosen == 0 ? Decision::decide : Decision::reopen;
  }
  // A group is decided as one.
  for (CellChange& cell : change.cells) {
    const std::vector<ColumnId> columns = cell_of(table, cell.column);
    for (const CellChange& other : change.cells) {
      if (other.column == columns.front()) cell.decision = other.decision;
    }
  }
}

// A row goes with all that hangs on it.
std::vector<RowChange> NaiveDevice::with_children(const RowChange& change) const {
  if (change.kind != RowChange::Kind::remove) return {change};
  const std::map<RowKey, RowImage> rows = shown();
  std::vector<RowChange> all{change};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Value parent = value_of_key(schema_->table(all[i].table), all[i].row);
    for (const auto& [key, image] : rows) {
      if (parent_table(schema_->table(key.table)) != all[i].table) continue;
      if (image.values.front() != parent) continue;
      all.push_back({key.table, key.row, RowChange::Kind::remove, std::nullopt, {}});
    }
  }
  return all;
}

// What the author had seen of a cell under own unconfirmed writes: what the first of them had seen.
std::optional<Position> NaiveDevice::carried(const RowKey& key,
                                             const std::vector<ColumnId>& cell) const {
  for (const Pending& pending : pending_) {
    for (const RowChange& change : pending.transaction.content.changes) {
      if (change.table != key.table || change.row != key.row) continue;
      const Position row = change.observed.value_or(pending.transaction.content.observed);
      for (const CellChange& written : change.cells) {
        const bool same = std::find(cell.begin(), cell.end(), written.column) != cell.end();
        if (same) return written.observed.value_or(row);
      }
      if (change.kind != RowChange::Kind::update) return row;
    }
  }
  return std::nullopt;
}

void NaiveDevice::observe(RowChange& change) const {
  const RowKey key{change.table, change.row};
  const Table& table = schema_->table(change.table);
  const auto copy = base_.find(key);
  if (copy != base_.end() && copy->second.cursor != cursor_)
    change.observed = history_position(copy->second.cursor);
  if (change.kind == RowChange::Kind::remove) {
    for (std::uint16_t i = 0; i < table.columns.size(); ++i)
      change.cells.push_back({ColumnId{i}, Value{}, std::nullopt});
  }
  for (CellChange& cell : change.cells) {
    if (table.column(cell.column).policy == MergePolicy::counter) continue;
    cell.observed = carried(key, cell_of(table, cell.column));
    const bool kept_blind = copy != base_.end() && copy->second.blind && !blind_;
    // A delete takes what its author cannot see; not so what she could, had the row not gone.
    const bool counts = change.kind != RowChange::Kind::remove || kept_blind;
    if (!cell.observed && counts && is_unfilled(key, cell.column)) cell.observed = Position{};
  }
  if (change.kind == RowChange::Kind::remove) {
    std::erase_if(change.cells, [](const CellChange& cell) { return !cell.observed; });
  }
}

void NaiveDevice::write(Dice& dice, std::int64_t now, std::size_t& next_row) {
  IncomingTransaction made;
  std::set<RowKey> touched;
  for (std::size_t rows = 1 + dice.below(3); rows > 0; --rows) {
    const std::optional<RowChange> change = random_change(dice, next_row);
    if (!change) continue;
    std::vector<RowChange> all = with_children(*change);
    // A row goes with everything or not at all.
    const bool met = std::any_of(all.begin(), all.end(), [&](const RowChange& one) {
      return touched.contains({one.table, one.row});
    });
    if (met) continue;
    for (RowChange& one : all) {
      if (!touched.insert({one.table, one.row}).second ||
          hangs_on_removed(*schema_, made.content, one))
        continue;
      observe(one);
      made.content.changes.push_back(std::move(one));
    }
  }
  if (made.content.changes.empty()) return;
  if (dice.chance(5)) clock_error_ = static_cast<std::int64_t>(dice.below(30)) - 15;
  // The stamps of one phone rise with its sequence, however its clock jumps.
  last_stamp_ = std::max(last_stamp_ + 1, now + clock_error_ + 20);
  made.stamp = {last_stamp_ - static_cast<std::int64_t>(dice.below(3)), last_stamp_};
  made.id = {id_, next_, {}};
  next_ = next_.next();
  made.content.observed = history_position(cursor_);
  made.view = view_;
  pending_.push_back({std::move(made), std::nullopt});
}

IncomingTransaction NaiveDevice::send(std::size_t number) {
  const auto unsent =
      std::find_if(pending_.begin(), pending_.end(), [](const Pending& p) { return !p.merged_in; });
  unsent->merged_in = number;
  return unsent->transaction;
}

}  // namespace doorstep::test
