// What a phone shows, said plainly (see naive_model.hpp).
#include "tests/support/naive_model.hpp"

namespace doorstep::test {

std::optional<RowImage> naive_fold(const Table& table, std::optional<RowImage> base,
                                   std::span<const RowChange* const> changes) {
  std::optional<RowImage> removed;
  for (const RowChange* change : changes) {
    if (change->kind == RowChange::Kind::remove) {
      if (base) removed = base;
      base.reset();
      continue;
    }
    // An insert after a remove is a new row; an update after one finds the row as it was.
    if (!base && change->kind == RowChange::Kind::update) base = removed;
    if (!base && change->kind == RowChange::Kind::update) continue;
    if (!base) base = RowImage{std::vector<Value>(table.columns.size())};
    for (const CellChange& cell : change->cells) {
      Value& value = base->values[cell.column.index];
      if (const auto* assigned = std::get_if<Value>(&cell.edit)) {
        value = *assigned;
      } else if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
        value = Value::integer((value.is_null() ? 0 : value.as_integer()) + delta->amount);
      } else {
        value = format_set(apply_edit(parse_set(value).value(), std::get<SetEdit>(cell.edit)));
      }
    }
  }
  return base;
}

}  // namespace doorstep::test
