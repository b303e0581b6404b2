#include "client-sdk/src/own_writes.hpp"

namespace doorstep {

OwnTouch touch_of(const Schema& schema, const std::string& table, const RowId& row,
                  std::span<const RowChange> changes) {
  OwnTouch touch;
  for (const RowChange& change : changes) {
    const Table& declared = schema.table(change.table);
    if (change.row != row || declared.name != table) continue;
    touch.removed = change.kind == RowChange::Kind::remove;
    for (const CellChange& cell : change.cells) {
      touch.columns.insert(declared.column(cell.column).name);
    }
  }
  return touch;
}

void OwnWrites::note(const Schema& schema, Sequence sequence, std::span<const RowChange> changes) {
  OwnTouch touch = touch_of(schema, table_, row_, changes);
  const std::lock_guard lock(mutex_);
  touches_.insert_or_assign(sequence, std::move(touch));
}

std::map<Sequence, OwnTouch> OwnWrites::after(Sequence sequence) const {
  const std::lock_guard lock(mutex_);
  return {touches_.upper_bound(sequence), touches_.end()};
}

}  // namespace doorstep
