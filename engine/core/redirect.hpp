// Merging one row into another and taking them apart again (SEMANTICS D6): pure functions like
// merge(), with the same duties of the caller. A re-pointed reference keeps the version of who
// wrote it: the id is replaced inside the contribution, and nobody's edit meets one that no person
// made. The rules, value by value, are in docs/duplicates.md.
#pragma once

#include <span>
#include <vector>

#include "engine/core/duplicate.hpp"
#include "engine/core/merge.hpp"

namespace doorstep {

/// A cell that may hold the key of the row that goes.
struct Referring {
  RowKey row;
  ColumnId column;
};

/// Every column of the schema that references `table`, as (table, column).
[[nodiscard]] std::vector<std::pair<TableId, ColumnId>> referring_columns(const Schema& schema,
                                                                          TableId table);

/// A transaction that writes what a redirect or its undoing is going to write, for missing(): its
/// rows, the rows above and the rows that move along. Never merged.
[[nodiscard]] IncomingTransaction footprint(const Schema& schema, IncomingTransaction hub,
                                            const RowKey& one, const RowKey& other,
                                            std::span<const Referring> referring, const RowId& to);

struct RedirectResult {
  MergeResult merged;
  std::vector<RedirectedReference> references;  ///< re-pointed, or moved back
  /// Not empty: it cannot be done, and nothing else is set.
  std::optional<Error> refused;
};

/// Merges `loser` into `survivor`. `hub` says as whom and when. Preconditions: both live, different
/// rows of one table; missing() is empty for footprint().
[[nodiscard]] RedirectResult redirect_row(const Schema& schema, const RowSet& rows,
                                          const IncomingTransaction& hub, const RowKey& loser,
                                          const RowId& survivor,
                                          std::span<const Referring> referring, Position commit);

/// Takes a redirect back: the loser lives again as it was, with what was written to its id since;
/// references go back where the contribution that was re-pointed still stands. Preconditions: the
/// loser is dead and merged into the survivor, which lives; missing() is empty for footprint().
[[nodiscard]] RedirectResult split_row(const Schema& schema, const RowSet& rows,
                                       const IncomingTransaction& hub, const Redirect& redirect,
                                       std::span<const RedirectedReference> references,
                                       std::span<const RedirectedWrite> writes, Position commit);

}  // namespace doorstep
