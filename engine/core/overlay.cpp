#include "engine/core/overlay.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

RowImage blank_image(const Table& table) {
  RowImage image;
  image.values.resize(table.columns.size());
  return image;
}

SetElements elements_of(const Value& value) { return parse_set(value).value_or(SetElements{}); }

void assign(RowImage& image, const RowChange& change) {
  for (const CellChange& cell : change.cells) {
    if (cell.column.index >= image.values.size()) continue;
    Value& shown = image.values[cell.column.index];
    if (const auto* value = std::get_if<Value>(&cell.edit)) {
      shown = *value;
    } else if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
      shown = Value::integer(add_counters(counter_of(shown), delta->amount));
    } else {
      shown = format_set(apply_edit(elements_of(shown), std::get<SetEdit>(cell.edit)));
    }
  }
}

/// What turns one value into another that differs from it, or nullopt where only its spelling
/// differs.
std::optional<CellChange> cell_change(const Column& column, ColumnId id, const Value& before,
                                      const Value& after) {
  switch (rules_of(column.policy).shape) {
    case PolicyRules::Shape::sum: {
      const CounterDelta delta{subtract_counters(counter_of(after), counter_of(before))};
      // From a number to NULL: both count as zero. From NULL to zero it becomes a number.
      if (delta.amount == 0 && !before.is_null()) return std::nullopt;
      return CellChange{id, delta, std::nullopt};
    }
    case PolicyRules::Shape::elements: {
      SetEdit edit = diff_sets(elements_of(before), elements_of(after));
      if (edit.empty()) return std::nullopt;
      return CellChange{id, std::move(edit), std::nullopt};
    }
    case PolicyRules::Shape::assignments:
      break;
  }
  return CellChange{id, after, std::nullopt};
}

bool group_differs(const Table& table, ColumnId column, const RowImage& before,
                   const RowImage& after) {
  if (table.column(column).group.empty()) return false;
  const std::vector<ColumnId> columns = cell_columns(table, column);
  return std::any_of(columns.begin(), columns.end(), [&](ColumnId one) {
    return before.values[one.index] != after.values[one.index];
  });
}

Position row_observed(const ObservedChange& one) {
  return one.change->observed.value_or(one.transaction_observed);
}

void carry_cell(Carry& carry, const CellChange& cell, Position observed) {
  if (std::holds_alternative<CounterDelta>(cell.edit)) return;
  if (const auto* edit = std::get_if<SetEdit>(&cell.edit)) {
    auto& elements = carry.elements[cell.column];
    for (const std::string& element : edit->adds) elements[element] = observed;
    for (const std::string& element : edit->removes) elements[element] = observed;
    return;
  }
  carry.cells[cell.column] = observed;
}

/// The earliest observed of the elements that this edit touches and an unconfirmed one touched
/// before.
Position set_observed(const Carry& carry, const CellChange& cell, Position otherwise) {
  const auto known = carry.elements.find(cell.column);
  if (known == carry.elements.end()) return otherwise;
  Position observed = otherwise;
  const auto& edit = std::get<SetEdit>(cell.edit);
  for (const SetElements* list : {&edit.adds, &edit.removes}) {
    for (const std::string& element : *list) {
      const auto found = known->second.find(element);
      if (found != known->second.end()) observed = std::min(observed, found->second);
    }
  }
  return observed;
}

Position cell_observed(const Carry& carry, Position cursor, Position row, const CellChange& cell) {
  if (std::holds_alternative<CounterDelta>(cell.edit)) return cursor;
  if (std::holds_alternative<SetEdit>(cell.edit)) return set_observed(carry, cell, row);
  const auto found = carry.cells.find(cell.column);
  return found != carry.cells.end() ? found->second : row;
}

}  // namespace

std::optional<RowImage> own_insert(const Table& table, std::optional<RowImage> base,
                                   std::span<const RowChange* const> changes) {
  const auto last = std::find_if(changes.rbegin(), changes.rend(), [](const RowChange* change) {
    return change->kind == RowChange::Kind::insert;
  });
  if (last == changes.rend()) return std::nullopt;
  const auto before = static_cast<std::size_t>(changes.rend() - last) - 1;
  if (fold(table, std::move(base), changes.first(before))) return std::nullopt;
  return fold(table, std::nullopt, changes.subspan(before));
}

std::optional<RowImage> fold(const Table& table, std::optional<RowImage> base,
                             std::span<const RowChange* const> changes) {
  std::optional<RowImage> shown = std::move(base);
  std::optional<RowImage> removed;  // the row as it was before an own remove
  for (const RowChange* change : changes) {
    switch (change->kind) {
      case RowChange::Kind::remove:
        if (shown) removed = std::exchange(shown, std::nullopt);
        continue;
      case RowChange::Kind::insert:
        if (!shown) shown = blank_image(table);
        break;
      case RowChange::Kind::update:
        if (!shown) shown = removed;
        break;
    }
    if (shown) assign(*shown, *change);
  }
  return shown;
}

std::optional<RowChange> net_change(const Table& table, TableId table_id, const RowId& row,
                                    const std::optional<RowImage>& before,
                                    const std::optional<RowImage>& after) {
  if (!before && !after) return std::nullopt;
  RowChange change;
  change.table = table_id;
  change.row = row;
  if (!after) {
    change.kind = RowChange::Kind::remove;
    return change;
  }
  change.kind = before ? RowChange::Kind::update : RowChange::Kind::insert;
  const Value nothing;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    const Value& was = before ? before->values[i] : nothing;
    const Value& is = after->values[i];
    // A group is one cell: an update writes all of it or nothing.
    const bool along = before && was == is && group_differs(table, column, *before, *after);
    if (was == is && !along) continue;
    if (auto cell = cell_change(table.columns[i], column, was, is)) {
      change.cells.push_back(std::move(*cell));
    }
  }
  if (before && change.cells.empty()) return std::nullopt;
  return change;
}

Carry carry_of(std::span<const ObservedChange> changes) {
  Carry carry;
  for (const ObservedChange& one : changes) {
    const Position row = row_observed(one);
    if (one.change->kind != RowChange::Kind::update) carry = Carry{row, {}, {}};
    for (const CellChange& cell : one.change->cells) {
      carry_cell(carry, cell, cell.observed.value_or(row));
    }
  }
  return carry;
}

void carry_unseen(const Table& table, std::span<const NewColumn> columns, Carry& carry) {
  for (const NewColumn& one : columns) {
    const auto column = one.table == table.name ? table.find_column(one.column) : std::nullopt;
    if (column) carry.cells.emplace(*column, Position{});
  }
}

void apply_carry(const Table& /*table*/, const Carry& carry, Position cursor, RowChange& change) {
  const Position row = carry.row.value_or(cursor);
  if (row != cursor) change.observed = row;
  if (change.kind == RowChange::Kind::remove) {
    // Sets need nothing here: an element behind an own write was on the screen under the same name.
    for (const auto& [column, observed] : carry.cells) {
      if (observed != row) change.cells.push_back({column, Value::null(), observed});
    }
    return;
  }
  for (CellChange& cell : change.cells) {
    const Position observed = cell_observed(carry, cursor, row, cell);
    if (observed != row) cell.observed = observed;
  }
}

void mark_unseen(const Table& table, std::span<const NewColumn> new_columns, RowChange& change) {
  // A delete takes what it cannot see as well; the hub knows by its view what that was.
  if (new_columns.empty() || change.kind == RowChange::Kind::remove) return;
  if (DS_DEFECT("unfilled_counts_as_seen")) return;
  for (CellChange& cell : change.cells) {
    const NewColumn name{table.name, table.column(cell.column).name};
    const bool is_new = std::binary_search(new_columns.begin(), new_columns.end(), name);
    if (is_new && !cell.observed && !std::holds_alternative<CounterDelta>(cell.edit)) {
      cell.observed = Position{};
    }
  }
}

}  // namespace doorstep
