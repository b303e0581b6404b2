#include "engine/core/schema_view.hpp"

#include <algorithm>

namespace doorstep {

SchemaView SchemaView::of(const Schema& schema, const Schema& known) {
  return of(schema, known, RoleRights());
}

SchemaView SchemaView::of(const Schema& schema, const Schema& known, const RoleRights& rights) {
  SchemaView view;
  bool whole = true;
  for (const Table& table : schema.tables()) {
    KnownTable& shown = view.tables_.emplace_back();
    shown.columns.resize(table.columns.size());
    const TableId id{static_cast<std::uint16_t>(view.tables_.size() - 1)};
    const auto other = known.find_table(table.name);
    shown.known = other.has_value() && rights.reads(id);
    whole = whole && shown.known;
    if (!shown.known) continue;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const ColumnId column{static_cast<std::uint16_t>(i)};
      const bool named = known.table(*other).find_column(table.columns[i].name).has_value();
      shown.columns[i] = named && rights.reads(id, column);
      whole = whole && shown.columns[i];
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
