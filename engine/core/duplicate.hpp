// Two rows that may be one and the same thing, and what merging them leaves behind (SEMANTICS D6).
// Plain data, value semantics.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/match.hpp"
#include "engine/core/row.hpp"

namespace doorstep {

using DuplicateId = ByteId<struct DuplicateTag, 16>;

enum class DuplicateState : std::uint8_t {
  open,      ///< waits for a person
  accepted,  ///< merged: one row is the other's alias
  rejected,  ///< they are two things; never proposed again
  unmerged   ///< was merged by mistake and taken apart; never proposed again
};

/// A pair of rows. `first` < `second`, so that a pair has one record whoever came first.
struct Duplicate {
  DuplicateId id;  ///< duplicate_id_of: stable
  TableId table;
  RowId first;
  RowId second;
  int score = 0;
  std::vector<MatchReason> reasons;
  DuplicateState state = DuplicateState::open;
  Position proposed;              ///< the commit that proposed it
  std::optional<RowId> survivor;  ///< set when accepted or unmerged
  Position decided;               ///< the commit that last accepted, rejected or unmerged it
  Instant decided_at;
  std::string decided_by;  ///< as the person called himself
  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};

/// Made from the table's name and both keys, in either order.
[[nodiscard]] DuplicateId duplicate_id_of(std::string_view table, const RowId& a, const RowId& b);

[[nodiscard]] std::string_view name_of(DuplicateState state);
[[nodiscard]] std::optional<DuplicateState> duplicate_state_of(std::string_view name);

/// A merge that stands: the loser is dead with `merged_into` set, and its tombstone keeps it whole.
struct Redirect {
  RowKey loser;
  RowId survivor;
  DuplicateId pair;
  Position position;          ///< the commit that merged them
  StoredRow survivor_before;  ///< as that commit found it
  friend bool operator==(const Redirect&, const Redirect&) = default;
};

/// One reference that the loser's id was replaced in: by the merge, or when it arrived late.
struct RedirectedReference {
  RowKey loser;
  RowKey row;  ///< where the reference stands
  ColumnId column;
  DeviceId author;    ///< of the contribution that holds it,
  Position position;  ///< and that one's commit
  friend auto operator<=>(const RedirectedReference&, const RedirectedReference&) = default;
};

/// A write that came addressed to the loser after the merge and went to the survivor.
struct RedirectedWrite {
  RowKey loser;
  CellVersion version;  ///< as it stands at the survivor
  Transaction content;  ///< that one change, still addressed to the loser
  friend bool operator==(const RedirectedWrite&, const RedirectedWrite&) = default;
};

}  // namespace doorstep
