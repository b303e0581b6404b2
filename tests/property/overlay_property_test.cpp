// What a phone shows, for random rows and random lists of own unconfirmed changes, against a naive
// fold.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/core/overlay.hpp"
#include "tests/support/history_count.hpp"
#include "tests/support/naive_model.hpp"
#include "tests/support/random_history.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

SetElements random_elements(Dice& dice) {
  SetElements elements;
  for (const char* element : {"elder", "left", "poor"}) {
    if (dice.chance(40)) elements.emplace_back(element);
  }
  return elements;
}

Value random_stored(Dice& dice, const Column& column) {
  return column.policy == MergePolicy::set ? format_set(random_elements(dice))
                                           : random_value(dice, column);
}

std::optional<RowImage> random_row(Dice& dice, const Table& table) {
  if (dice.chance(25)) return std::nullopt;
  RowImage image;
  for (const Column& column : table.columns) image.values.push_back(random_stored(dice, column));
  return image;
}

CellChange random_cell(Dice& dice, const Column& column, ColumnId id) {
  if (column.policy == MergePolicy::counter) {
    return {id, CounterDelta{static_cast<std::int64_t>(dice.below(9)) - 4}, std::nullopt};
  }
  if (column.policy == MergePolicy::set) {
    return {id, diff_sets(random_elements(dice), random_elements(dice)), std::nullopt};
  }
  return {id, random_value(dice, column), std::nullopt};
}

std::vector<RowChange> random_changes(Dice& dice, const Table& table) {
  std::vector<RowChange> changes;
  for (std::size_t count = dice.below(6); count > 0; --count) {
    RowChange change{TableId{0},
                     *RowId::from(std::string_view("row-000000000000")),
                     static_cast<RowChange::Kind>(dice.below(3)),
                     std::nullopt,
                     {}};
    for (std::uint16_t i = 0; i < table.columns.size() && change.kind != RowChange::Kind::remove;
         ++i) {
      if (dice.chance(30)) change.cells.push_back(random_cell(dice, table.columns[i], ColumnId{i}));
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

/// A counter that says 0 and one that was never counted show the same sum.
bool same_row(const Table& table, std::optional<RowImage> a, std::optional<RowImage> b) {
  for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].policy != MergePolicy::counter) continue;
    for (auto* row : {&a, &b}) {
      if (*row && (*row)->values[i].is_null()) (*row)->values[i] = Value::integer(0);
    }
  }
  return a == b;
}

}  // namespace

TEST_CASE(
    "whatever a phone has pending on a row, it shows the hub's row with its own changes in order") {
  const Table& table = history_schema().table(TableId{0});
  for (std::uint64_t seed = 1; seed <= history_count(30'000); ++seed) {
    Dice dice(seed);
    const std::optional<RowImage> base = random_row(dice, table);
    const std::vector<RowChange> changes = random_changes(dice, table);
    std::vector<const RowChange*> pending;
    for (const RowChange& change : changes) pending.push_back(&change);
    const std::string history = describe(History{{{{{}, {}, {Position{}, {}, {}, changes}}}}});
    REQUIRE_MESSAGE(fold(table, base, pending) == naive_fold(table, base, pending),
                    "seed " << seed << ", row there: " << base.has_value() << history);
  }
}

TEST_CASE("the net change between any two states of a row turns the first into the second") {
  const Table& table = history_schema().table(TableId{0});
  const RowId row = *RowId::from(std::string_view("row-000000000000"));
  for (std::uint64_t seed = 1; seed <= history_count(30'000); ++seed) {
    Dice dice(seed);
    const std::optional<RowImage> before = random_row(dice, table);
    const std::optional<RowImage> after = dice.chance(10) ? before : random_row(dice, table);
    const std::optional<RowChange> net = net_change(table, TableId{0}, row, before, after);
    REQUIRE_MESSAGE((net || same_row(table, before, after)), "seed " << seed);
    std::vector<const RowChange*> changes;
    if (net) changes.push_back(&*net);
    REQUIRE_MESSAGE(same_row(table, naive_fold(table, before, changes), after), "seed " << seed);
    if (before == after) REQUIRE_MESSAGE(!net, "seed " << seed);
  }
}
