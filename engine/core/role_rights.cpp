#include "engine/core/role_rights.hpp"

#include <algorithm>

namespace doorstep {

RoleRights RoleRights::of(const Schema& schema, std::string_view role) {
  RoleRights rights;
  if (schema.roles().empty()) return rights;
  rights.all_ = false;
  rights.tables_.resize(schema.tables().size());
  for (const Role& one : schema.roles()) {
    if (one.name != role) continue;
    for (const Role::Grant& grant : one.grants)
      rights.tables_[grant.table.index] = {grant.read || grant.write, grant.write, grant.hidden};
  }
  return rights;
}

const RoleRights::OfTable* RoleRights::find(TableId table) const {
  return table.index < tables_.size() ? &tables_[table.index] : nullptr;
}

bool RoleRights::reads(TableId table) const {
  const OfTable* found = find(table);
  return all_ || (found != nullptr && found->read);
}

bool RoleRights::reads(TableId table, ColumnId column) const {
  if (all_) return true;
  const OfTable* found = find(table);
  return found != nullptr && found->read &&
         std::find(found->hidden.begin(), found->hidden.end(), column) == found->hidden.end();
}

bool RoleRights::writes(TableId table) const {
  const OfTable* found = find(table);
  return all_ || (found != nullptr && found->write);
}

bool RoleRights::writes(TableId table, ColumnId column) const {
  return writes(table) && reads(table, column);
}

Status RoleRights::check(const Schema& schema, const RowChange& change) const {
  const Table& table = schema.table(change.table);
  if (!writes(change.table)) return error(ErrorCode::role_denied, "table " + table.name);
  for (const CellChange& cell : change.cells) {
    if (writes(change.table, cell.column)) continue;
    return error(ErrorCode::role_denied,
                 "table " + table.name + ", column " + table.column(cell.column).name);
  }
  return {};
}

}  // namespace doorstep
