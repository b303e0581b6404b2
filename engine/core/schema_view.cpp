#include "engine/core/schema_view.hpp"

#include <algorithm>

namespace doorstep {

SchemaView SchemaView::of(const Schema& schema, const Schema& known) {
  SchemaView view;
  bool whole = true;
  for (const Table& table : schema.tables()) {
    KnownTable& shown = view.tables_.emplace_back();
    shown.columns.resize(table.columns.size());
    const auto other = known.find_table(table.name);
    shown.known = other.has_value();
    whole = whole && shown.known;
    if (!other) continue;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const bool named = known.table(*other).find_column(table.columns[i].name).has_value();
      shown.columns[i] = named;
      whole = whole && named;
    }
  }
  return whole ? SchemaView() : view;
}

bool SchemaView::shows(TableId table) const {
  return is_whole() || (table.index < tables_.size() && tables_[table.index].known);
}

bool SchemaView::shows(TableId table, ColumnId column) const {
  if (is_whole()) return true;
  if (!shows(table)) return false;
  const std::vector<bool>& columns = tables_[table.index].columns;
  return column.index < columns.size() && columns[column.index];
}

}  // namespace doorstep
