// The organisation's units as the console shows them: the rows of the schema's scope tree with what
// a person calls them, in the order of the tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep::console {

struct OrgUnit {
  std::string code;
  std::string name;    ///< of the tree's column "name"; the code when it has none
  std::string level;   ///< of its column "level"; empty when it has none
  std::string parent;  ///< empty: it hangs under nothing that the hub knows
  int depth = 0;       ///< 0 at the top
};

/// A parent before its children, children by code; units that hang in a ring come last, at depth 0.
/// Empty when the schema has no tree. `db` is the hub's database.
[[nodiscard]] Result<std::vector<OrgUnit>> read_units(sqlite::Database& db, const Schema& schema);

/// The unit and all below it, in the order of `units`; empty when there is no such unit.
[[nodiscard]] std::vector<OrgUnit> units_below(const std::vector<OrgUnit>& units,
                                               std::string_view code);

}  // namespace doorstep::console
