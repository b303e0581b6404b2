#include "engine/core/merge_cell.hpp"

#include <algorithm>

#include "engine/core/assert.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/group.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

using Shape = PolicyRules::Shape;

bool is_lone(const CellState& state, const CellVersion& version) {
  return !state.decision && state.changed == version.position && state.contributions.size() == 1 &&
         state.contributions.front().version == version &&
         std::all_of(state.elements.begin(), state.elements.end(),
                     [&](const ElementMark& mark) { return mark.version == version; });
}

/// Where a new contribution stands in the queue: at its end, unless it comes from a lost history in
/// which it stood before one of these.
std::size_t place_in(const std::vector<Contribution>& queue, const CellWrite& write) {
  const auto behind = std::find_if(queue.begin(), queue.end(), [&](const Contribution& one) {
    return write.sight.stood_before(one.version);
  });
  return static_cast<std::size_t>(behind - queue.begin());
}

/// Survivors and the new contribution, in queue order: a correction of an own one keeps its place.
/// False when it is not among them: one that stands was written in knowledge of it.
bool put_contribution(const Column& column, CellState& state, Value value, const CellWrite& write,
                      CellEffect& effect) {
  auto* const outlasts = rules_of(column.policy).outlasts;
  const bool may_go_back = outlasts == nullptr || write.decision != Decision::none;
  Contribution mine{std::move(value), {write.commit, write.author, write.stamp}};
  std::vector<Contribution> kept;
  std::optional<std::size_t> place;
  bool replaced = false;
  for (Contribution& one : state.contributions) {
    const bool stays = !may_go_back && outlasts(column, one.value, mine.value);
    const bool newer = write.sight.is_seen_by(one.version);
    replaced |= newer;
    const bool seen = is_seen(one.version, write) || DS_DEFECT("all_counts_as_seen");
    if (stays || newer || !seen) {
      kept.push_back(std::move(one));
      continue;
    }
    if (!DS_DEFECT("stamp_not_raised"))
      mine.version.stamp = mine.version.stamp.raised_after(one.version.stamp);
    if (one.version.author == write.author && !place) place = kept.size();
    effect.replaced.push_back(std::move(one));
  }
  if (!replaced) {
    const std::size_t at = place ? *place : place_in(kept, write);
    kept.insert(kept.begin() + static_cast<std::ptrdiff_t>(at), std::move(mine));
  }
  state.contributions = std::move(kept);
  return !replaced;
}

Value show(const Column& column, const std::vector<Contribution>& all) {
  const PolicyRules& rules = rules_of(column.policy);
  return rules.show(all, rules.winner(column, all));
}

/// The oldest contribution that may go when there are too many: a losing one, else another
/// author's.
std::size_t oldest_of_least_use(const PolicyRules& rules, const Cell& cell,
                                const DeviceId& author) {
  const auto& all = cell.state.contributions;
  const auto burden = [&](std::size_t i) {
    const int use =
        rules.stands(all[i], cell.shown) ? (all[i].version.author == author ? 2 : 1) : 0;
    return std::pair(use, all[i].version.position);
  };
  std::size_t chosen = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (burden(i) < burden(chosen)) chosen = i;
  }
  return chosen;
}

void assign(const Column& column, Cell& cell, const CellWrite& write, CellEffect& effect) {
  const PolicyRules& rules = rules_of(column.policy);
  auto& all = cell.state.contributions;
  const auto& value = std::get<Value>(write.edit);
  if (yields_to_decision(cell, write, effect)) return;
  if (put_contribution(column, cell.state, value, write, effect))
    mark_decided(cell.state, write, effect);
  if (rules.settle != nullptr) rules.settle(all);
  cell.shown = show(column, all);
  while (all.size() > 1 && (all.size() > limits::contributions_max ||
                            cell.shown.payload_size() > limits::value_bytes_max)) {
    const std::size_t out = oldest_of_least_use(rules, cell, write.author);
    effect.dropped.push_back(std::move(all[out]));
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(out));
    cell.shown = show(column, all);
  }
  for (const Contribution& one : all) {
    const bool mine = one.version.author == write.author && one.version.position == write.commit;
    if (mine && one.value == value) effect.lost = !rules.stands(one, cell.shown);
  }
}

/// Marks say nothing of values; beyond the limit the oldest is simply forgotten.
void put_mark(const Column& column, CellState& state, const CellWrite& write) {
  CellEffect effect;
  static_cast<void>(put_contribution(column, state, Value::null(), write, effect));
  auto& all = state.contributions;
  if (all.size() <= limits::contributions_max) return;
  all.erase(std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.version.position < b.version.position;
  }));
}

void add(const Column& column, Cell& cell, const CellWrite& write) {
  put_mark(column, cell.state, write);
  std::int64_t amount = std::get<CounterDelta>(write.edit).amount;
  if (DS_DEFECT("counter_twice") && cell.state.contributions.size() > 1) amount *= 2;
  cell.shown = Value::integer(add_counters(counter_of(cell.shown), amount));
}

Value show_elements(const std::vector<ElementMark>& marks) {
  SetElements elements;
  for (const ElementMark& mark : marks) {
    if (elements.empty() || elements.back() != mark.element) elements.push_back(mark.element);
  }
  return format_set(elements);
}

void edit_set(const Column& column, Cell& cell, const CellWrite& write) {
  put_mark(column, cell.state, write);
  const auto& edit = std::get<SetEdit>(write.edit);
  auto& marks = cell.state.elements;
  const auto touches = [&](const std::string& element) {
    return std::binary_search(edit.adds.begin(), edit.adds.end(), element) ||
           std::binary_search(edit.removes.begin(), edit.removes.end(), element);
  };
  Stamp stamp = write.stamp;
  std::erase_if(marks, [&](const ElementMark& mark) {
    const bool seen = is_seen(mark.version, write) || DS_DEFECT("remove_takes_unseen");
    if (!touches(mark.element) || !seen) return false;
    stamp = stamp.raised_after(mark.version.stamp);
    return true;
  });
  for (const std::string& element : edit.adds) {
    marks.push_back({element, {write.commit, write.author, stamp}});
  }
  std::sort(marks.begin(), marks.end(), [](const ElementMark& a, const ElementMark& b) {
    return std::tie(a.element, a.version.position, a.version.author) <
           std::tie(b.element, b.version.position, b.version.author);
  });
  cell.shown = show_elements(marks);
}

void close_column(StoredRow& row, CellState state) {
  auto at =
      std::lower_bound(row.cells.begin(), row.cells.end(), state.column,
                       [](const CellState& one, ColumnId wanted) { return one.column < wanted; });
  const bool present = at != row.cells.end() && at->column == state.column;
  if (is_lone(state, row.base)) {
    if (present) row.cells.erase(at);
  } else if (present) {
    *at = std::move(state);
  } else {
    row.cells.insert(at, std::move(state));
  }
}

/// What the other columns of a group keep of its cell: when it changed, and a mark.
CellState follower(const Table& table, const Cell& lead, ColumnId column) {
  const Contribution winner = winner_of(table.column(lead.state.column), lead);
  return {column, lead.state.changed, {{Value::null(), winner.version}}, {}, lead.state.decision};
}

}  // namespace

Cell open_cell(const Table& table, const StoredRow& row, ColumnId column) {
  const bool alone = table.column(column).group.empty();
  Cell cell{alone ? row.image.values[column.index]
                  : cell_value(table, cell_columns(table, column), row.image),
            {}};
  if (const CellState* state = row.find_cell(column)) {
    cell.state = *state;
    return cell;
  }
  cell.state.column = column;
  cell.state.changed = row.base.position;
  const Shape shape = rules_of(table.column(column).policy).shape;
  cell.state.contributions.push_back(
      {shape == Shape::assignments ? cell.shown : Value::null(), row.base});
  if (shape == Shape::elements) {
    for (std::string& element : parse_set(cell.shown).value_or(SetElements{})) {
      cell.state.elements.push_back({std::move(element), row.base});
    }
  }
  return cell;
}

void close_cell(const Table& table, StoredRow& row, Cell cell) {
  if (table.column(cell.state.column).group.empty()) {
    row.image.values[cell.state.column.index] = std::move(cell.shown);
    close_column(row, std::move(cell.state));
    return;
  }
  const std::vector<ColumnId> columns = cell_columns(table, cell.state.column);
  if (columns.size() > 1) {
    const auto values = values_of_cell(table, columns, cell.shown);
    DS_ASSERT(values.has_value());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row.image.values[columns[i].index] = (*values)[i];
      if (i > 0) close_column(row, follower(table, cell, columns[i]));
    }
  } else {
    row.image.values[columns.front().index] = std::move(cell.shown);
  }
  close_column(row, std::move(cell.state));
}

void fold_to_base(const Table& table, StoredRow& row) {
  if (row.cells.size() != table.columns.size()) return;
  const CellVersion version = row.cells.front().contributions.front().version;
  const bool same = std::all_of(row.cells.begin(), row.cells.end(),
                                [&](const CellState& state) { return is_lone(state, version); });
  const bool all_told = std::none_of(row.image.values.begin(), row.image.values.end(),
                                     [](const Value& value) { return value.is_null(); });
  if (!same || !all_told) return;
  row.base = version;
  row.cells.clear();
}

CellEffect write_cell(const Column& column, Cell& cell, const CellWrite& write) {
  CellEffect effect;
  const Value before = cell.shown;
  switch (rules_of(column.policy).shape) {
    case Shape::assignments:
      assign(column, cell, write, effect);
      break;
    case Shape::sum:
      add(column, cell, write);
      break;
    case Shape::elements:
      edit_set(column, cell, write);
      break;
  }
  if (cell.shown != before) cell.state.changed = write.commit;
  return effect;
}

std::vector<Contribution> unseen_in(const Column& column, const Cell& cell, const DeviceId& author,
                                    const Sight& sight) {
  const Shape shape = rules_of(column.policy).shape;
  std::vector<Contribution> unseen;
  for (const Contribution& one : cell.state.contributions) {
    if (one.version.author == author || sight.sees(one.version)) continue;
    if (DS_DEFECT("delete_takes_unseen")) continue;
    Contribution& found = unseen.emplace_back(one);
    if (shape == Shape::sum) found.value = cell.shown;
    if (shape != Shape::elements) continue;
    SetElements theirs;
    for (const ElementMark& mark : cell.state.elements) {
      if (mark.version.author == one.version.author && !sight.sees(mark.version)) {
        theirs.push_back(mark.element);
      }
    }
    found.value = format_set(theirs);
  }
  return unseen;
}

Contribution winner_of(const Column& column, const Cell& cell) {
  const PolicyRules& rules = rules_of(column.policy);
  const auto& all = cell.state.contributions;
  if (rules.shape != Shape::assignments) return {cell.shown, all.back().version};
  Contribution winner = all[rules.winner(column, all)];
  winner.value = cell.shown;
  return winner;
}

std::vector<Contribution> losers_of(const Column& column, const Cell& cell) {
  const PolicyRules& rules = rules_of(column.policy);
  std::vector<Contribution> losers;
  if (rules.shape != Shape::assignments) return losers;
  for (const Contribution& one : cell.state.contributions) {
    if (!rules.stands(one, cell.shown)) losers.push_back(one);
  }
  return losers;
}

}  // namespace doorstep
