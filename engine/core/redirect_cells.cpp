#include "engine/core/redirect_cells.hpp"

#include <algorithm>

#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/set_value.hpp"

namespace doorstep {
namespace {

using Shape = PolicyRules::Shape;

bool same_write(const CellVersion& a, const CellVersion& b) {
  return a.author == b.author && a.position == b.position;
}

/// Policies under which two values of one thing become one without a loser that matters more.
bool combines(MergePolicy policy) { return !rules_of(policy).plain; }

SetElements elements_of(const std::vector<ElementMark>& marks) {
  SetElements elements;
  for (const ElementMark& mark : marks) elements.push_back(mark.element);
  std::sort(elements.begin(), elements.end());
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  return elements;
}

/// Shows what the cell's contributions come to, and puts it back.
void close(const Table& table, StoredRow& row, Cell cell, const Value& before, Position commit) {
  const Column& column = table.column(cell.state.column);
  const PolicyRules& rules = rules_of(column.policy);
  if (rules.shape == Shape::assignments) {
    const auto& all = cell.state.contributions;
    cell.shown = rules.show(all, rules.winner(column, all));
  } else if (rules.shape == Shape::elements) {
    std::sort(cell.state.elements.begin(), cell.state.elements.end(),
              [](const ElementMark& a, const ElementMark& b) {
                return std::tie(a.element, a.version.position, a.version.author) <
                       std::tie(b.element, b.version.position, b.version.author);
              });
    cell.shown = format_set(elements_of(cell.state.elements));
  }
  if (cell.shown != before) {
    cell.state.changed = commit;
    row.position = commit;
  }
  close_cell(table, row, std::move(cell));
  fold_to_base(table, row);
}

template <class List>
void append_new(List& to, const List& from) {
  for (const auto& one : from) {
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
  }
}

/// Takes out of `all` what came from `loser` and was not there `before`.
template <class List>
void remove_foreign(List& all, const List& before, const List& loser) {
  std::erase_if(all, [&](const auto& one) {
    const bool was_there = std::find(before.begin(), before.end(), one) != before.end();
    return !was_there && std::any_of(loser.begin(), loser.end(), [&](const auto& theirs) {
      return same_write(theirs.version, one.version);
    });
  });
}

Value key_value(const Schema& schema, const Table& table, ColumnId column, const RowId& row) {
  return value_of_key(schema.table(*table.column(column).references), row);
}

/// In a group the key is one of the tuple's values. False when another stands there.
bool replace_key(const Table& table, ColumnId column, const Value& old, const Value& fresh,
                 Value& value) {
  const std::vector<ColumnId> columns = cell_columns(table, column);
  auto values = values_of_cell(table, columns, value);
  if (!values) return false;
  const auto place = std::find(columns.begin(), columns.end(), column) - columns.begin();
  Value& key = (*values)[static_cast<std::size_t>(place)];
  if (key != old) return false;
  key = fresh;
  value = value_of_cell(table, columns, *values);
  return true;
}

}  // namespace

std::vector<CellVersion> repoint(const Schema& schema, StoredRow& row, ColumnId column,
                                 const RowId& from, const RowId& to, Position commit) {
  const Table& table = schema.table(row.table);
  const Value old = key_value(schema, table, column, from);
  const Value fresh = key_value(schema, table, column, to);
  std::vector<CellVersion> changed;
  Cell cell = open_cell(table, row, lead_of(table, column));
  const Value before = cell.shown;
  for (Contribution& one : cell.state.contributions) {
    if (replace_key(table, column, old, fresh, one.value)) changed.push_back(one.version);
  }
  if (!changed.empty()) close(table, row, std::move(cell), before, commit);
  return changed;
}

bool repoint_one(const Schema& schema, StoredRow& row, ColumnId column, const RowId& from,
                 const RowId& to, const DeviceId& author, Position position, Position commit) {
  const Table& table = schema.table(row.table);
  const Value old = key_value(schema, table, column, from);
  const Value fresh = key_value(schema, table, column, to);
  Cell cell = open_cell(table, row, lead_of(table, column));
  const Value before = cell.shown;
  const auto one = std::find_if(
      cell.state.contributions.begin(), cell.state.contributions.end(), [&](const Contribution& c) {
        return c.version.author == author && c.version.position == position;
      });
  if (one == cell.state.contributions.end()) return false;
  if (!replace_key(table, column, old, fresh, one->value)) return false;
  close(table, row, std::move(cell), before, commit);
  return true;
}

std::optional<Contribution> combine_cell(const Table& table, StoredRow& survivor,
                                         const StoredRow& loser, ColumnId column, Position commit) {
  const Column& definition = table.column(column);
  Cell cell = open_cell(table, survivor, column);
  const Cell theirs = open_cell(table, loser, column);
  const Value before = cell.shown;
  if (theirs.shown.is_null()) return std::nullopt;
  const Shape shape = rules_of(definition.policy).shape;
  if (shape == Shape::assignments && before.is_null()) {
    cell.state.contributions = theirs.state.contributions;
    cell.state.decision = theirs.state.decision;
  } else if (shape == Shape::assignments && !combines(definition.policy)) {
    if (before == theirs.shown) return std::nullopt;
    return winner_of(definition, theirs);
  } else {
    append_new(cell.state.contributions, theirs.state.contributions);
    append_new(cell.state.elements, theirs.state.elements);
    if (shape == Shape::sum) {
      cell.shown = Value::integer(add_counters(counter_of(before), counter_of(theirs.shown)));
    }
  }
  close(table, survivor, std::move(cell), before, commit);
  return std::nullopt;
}

void part_cell(const Table& table, StoredRow& survivor, const StoredRow& before,
               const StoredRow& loser, ColumnId column, Position commit) {
  const Cell theirs = open_cell(table, loser, column);
  if (theirs.shown.is_null()) return;
  const Cell old = open_cell(table, before, column);
  Cell cell = open_cell(table, survivor, column);
  const Value shown = cell.shown;
  remove_foreign(cell.state.contributions, old.state.contributions, theirs.state.contributions);
  remove_foreign(cell.state.elements, old.state.elements, theirs.state.elements);
  if (cell.state.contributions.empty()) cell.state.contributions = old.state.contributions;
  if (rules_of(table.column(column).policy).shape == Shape::sum) {
    cell.shown = Value::integer(subtract_counters(counter_of(shown), counter_of(theirs.shown)));
    if (old.shown.is_null() && counter_of(cell.shown) == 0) cell.shown = Value::null();
  }
  close(table, survivor, std::move(cell), shown, commit);
}

void withdraw_write(const Table& table, StoredRow& survivor, const StoredRow& before,
                    ColumnId column, const CellVersion& version, std::int64_t amount,
                    Position commit) {
  Cell cell = open_cell(table, survivor, column);
  const Value shown = cell.shown;
  const auto theirs = [&](const auto& one) { return same_write(one.version, version); };
  std::erase_if(cell.state.contributions, theirs);
  std::erase_if(cell.state.elements, theirs);
  if (cell.state.contributions.empty()) {
    cell.state.contributions = open_cell(table, before, column).state.contributions;
  }
  if (rules_of(table.column(column).policy).shape == Shape::sum) {
    cell.shown = Value::integer(subtract_counters(counter_of(shown), amount));
  }
  close(table, survivor, std::move(cell), shown, commit);
}

}  // namespace doorstep
