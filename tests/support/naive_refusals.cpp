// What is refused by a rule of the schema, and what falls with it, said plainly (see
// naive_model.hpp).
#include <algorithm>

#include "tests/support/naive_model.hpp"
#include "tests/support/random_history.hpp"

namespace doorstep::test {

// A row that lives (again) only through a refused transaction of the same author: the transaction.
std::optional<Sequence> NaiveHub::built_on(const DeviceId& author, const RowChange& change) const {
  const auto root_of = [&](const RowKey& key) -> std::optional<Sequence> {
    const auto found = fallen_.find({author, key});
    const auto row = rows_.find(key);
    const bool lives = row != rows_.end() && row->second.live;
    return lives || found == fallen_.end() ? std::nullopt : std::optional(found->second);
  };
  if (change.kind != RowChange::Kind::insert) {
    if (const auto root = root_of({change.table, change.row})) return root;
  }
  if (change.kind == RowChange::Kind::remove) return std::nullopt;
  const Table& table = schema_->table(change.table);
  for (const CellChange& cell : change.cells) {
    const Column& column = table.column(cell.column);
    const auto* value = std::get_if<Value>(&cell.edit);
    if (!column.references || value == nullptr || value->is_null()) continue;
    const Table& target = schema_->table(*column.references);
    if (const auto root = root_of({*column.references, key_of(target, *value).value()}))
      return root;
  }
  return std::nullopt;
}

void NaiveHub::fall(const IncomingTransaction& transaction, const NaiveOutcome& outcome) {
  const bool follows = outcome.kind == Kind::depends_on;
  for (const RowChange& change : transaction.content.changes) {
    if (change.kind == RowChange::Kind::remove) continue;
    const RowKey key{change.table, change.row};
    const auto row = rows_.find(key);
    const bool was_to_live =
        row == rows_.end() ? change.kind == RowChange::Kind::insert : !row->second.live;
    if (!was_to_live) continue;
    fallen_[{transaction.id.device, key}] = follows ? outcome.depends_on : transaction.id.sequence;
  }
}

// Asked of every row that the transaction names, or that lives, died or moved through it: a place
// has no fewer than no boxes, and its entries come to no more than so many points.
bool NaiveHub::breaks_rule(const IncomingTransaction& transaction,
                           const std::map<RowKey, NaiveRow>& before) const {
  const auto& changes = transaction.content.changes;
  for (const auto& [key, row] : rows_) {
    const auto old = before.find(key);
    const bool written =
        old == before.end() || old->second.live != row.live || old->second.scope != row.scope ||
        std::any_of(changes.begin(), changes.end(), [&, &at = key](const RowChange& change) {
          return RowKey{change.table, change.row} == at;
        });
    if (row.live && written && is_broken(key)) return true;
  }
  return false;
}

bool NaiveHub::is_broken(const RowKey& key) const {
  const Table& table = schema_->table(key.table);
  if (table.name == "place") {
    const Value boxes = shown(key, *table.find_column("boxes"));
    return !boxes.is_null() && boxes.as_integer() < 0;
  }
  if (table.name != "entry") return false;
  std::int64_t points = 0;
  for (const auto& [other, row] : rows_) {
    if (!row.live || other.table != key.table || parent_of(other) != parent_of(key)) continue;
    const Value score = shown(other, *table.find_column("score"));
    points += score.is_null() ? 0 : score.as_integer();
  }
  return points > history_points_max;
}

}  // namespace doorstep::test
