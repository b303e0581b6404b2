// Which tables and columns of a schema somebody knows: a device on an older schema, the author of a
// transaction, a role. Pure, value semantics.
#pragma once

#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/role_rights.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

class SchemaView {
 public:
  /// Everything, of whatever schema.
  SchemaView() = default;
  /// What of `schema` is known to someone who has `known`: the tables and columns that both name.
  [[nodiscard]] static SchemaView of(const Schema& schema, const Schema& known);
  /// The same, as far as a role reads it.
  [[nodiscard]] static SchemaView of(const Schema& schema, const Schema& known,
                                     const RoleRights& rights);

  /// True when nothing is left out.
  [[nodiscard]] bool is_whole() const { return tables_.empty(); }
  [[nodiscard]] bool shows(TableId table) const;
  [[nodiscard]] bool shows(TableId table, ColumnId column) const;

 private:
  struct KnownTable {
    bool known = false;
    std::vector<bool> columns;
  };
  std::vector<KnownTable> tables_;  // by TableId; empty: everything
};

}  // namespace doorstep
