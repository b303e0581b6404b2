// What lies between two schemas: what the newer one adds, and what no device on the older one could
// live with. Schemas only grow (docs/schema.md, "Changing a schema"). Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/core/scan_point.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

struct SchemaDifference {
  /// One thing that is new, by names of the newer schema.
  struct Addition {
    enum class Kind : std::uint8_t {
      table,      ///< `name` is empty
      column,     ///< of a table that was there
      state,      ///< of a ranked column: "column: state"
      role,       ///< `table` is empty
      rule,       ///< of `table`
      match_key,  ///< of `table`
      change      ///< something that devices need not know: `name` says what
    };
    Kind kind = Kind::change;
    std::string table;
    std::string name;
    friend bool operator==(const Addition&, const Addition&) = default;
  };

  std::vector<Addition> added;     ///< in the order of the newer schema
  std::vector<NewColumn> columns;  ///< every column of new tables and every new column; ascending
  std::vector<std::string>
      refused;  ///< sentences: table, column, what is wrong, what to do instead

  [[nodiscard]] bool is_additive() const { return refused.empty(); }
  [[nodiscard]] bool is_empty() const { return added.empty() && refused.empty(); }
};

/// Pure comparison; `to` may be applied over `from` when the result is additive.
[[nodiscard]] SchemaDifference difference_of(const Schema& from, const Schema& to);

[[nodiscard]] std::string_view name_of(SchemaDifference::Addition::Kind kind);

}  // namespace doorstep
