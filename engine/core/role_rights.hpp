// What a role may see and write of a schema (SEMANTICS D3). Pure, value semantics.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

class RoleRights {
 public:
  /// Of a schema without roles: everything.
  RoleRights() = default;
  /// What `role` is given by `schema`: nothing when the schema has roles and not this one, and
  /// nothing of a table that the role does not name.
  [[nodiscard]] static RoleRights of(const Schema& schema, std::string_view role);

  [[nodiscard]] bool reads(TableId table) const;
  /// A hidden column is neither read nor written.
  [[nodiscard]] bool reads(TableId table, ColumnId column) const;
  [[nodiscard]] bool writes(TableId table) const;
  [[nodiscard]] bool writes(TableId table, ColumnId column) const;
  /// Error role_denied names the table, or the first column of the change that is not written.
  [[nodiscard]] Status check(const Schema& schema, const RowChange& change) const;

 private:
  struct OfTable {
    bool read = false;
    bool write = false;
    std::vector<ColumnId> hidden;
  };
  [[nodiscard]] const OfTable* find(TableId table) const;

  bool all_ = true;
  std::vector<OfTable> tables_;  // by TableId
};

}  // namespace doorstep
