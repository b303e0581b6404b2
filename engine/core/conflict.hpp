// A value that lost, as data (DESIGN section 4: no losing value is dropped silently). Value
// semantics.
#pragma once

#include <optional>
#include <string_view>

#include "engine/core/ids.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

enum class ConflictState : std::uint8_t {
  automatic,  ///< the policy decided; named "auto" in SQL and --json
  open,       ///< a person must look
  decided
};

/// One contribution that is not shown, or a delete that an edit overruled (column is nullopt then).
struct Conflict {
  ConflictId id;  ///< conflict_id_of: stable, so the same loser is one row for ever
  RowKey key;
  std::optional<ColumnId> column;
  MergePolicy policy = MergePolicy::latest;
  Contribution winner;  ///< the shown value when this was last written
  Contribution loser;
  bool order_uncertain = false;  ///< their stamps overlap
  ConflictState state = ConflictState::automatic;
  std::optional<CellVersion> decision =
      std::nullopt;  ///< who decided, and when; set exactly when decided
  ScopeId scope;
  Position position;       ///< the commit that last changed this record
  bool withdrawn = false;  ///< the loser was replaced by its author, or is shown again
  friend bool operator==(const Conflict&, const Conflict&) = default;
};

/// Made from table name, row, column name (empty for a delete), the loser's author and position.
[[nodiscard]] ConflictId conflict_id_of(std::string_view table, const RowId& row,
                                        std::string_view column, const CellVersion& loser);

[[nodiscard]] std::string_view name_of(ConflictState state);
[[nodiscard]] std::optional<ConflictState> conflict_state_of(std::string_view name);

}  // namespace doorstep
