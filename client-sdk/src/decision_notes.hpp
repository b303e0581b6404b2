// What the running local transaction decides, beside the values that it writes: added to its
// changes just before they go into the outbox.
#pragma once

#include <optional>
#include <vector>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/change.hpp"

namespace doorstep {

struct DecisionNote {
  RowKey key;
  std::optional<ColumnId> column;  ///< nullopt: whether the row stays or goes
  Decision decision = Decision::decide;
  bool goes = false;  ///< of a row: it is let go
};

/// Marks the changes of what is decided; a value that does not change gets a change of its own.
/// `rows` and `changes` stand side by side; a change without a row means that nothing changed.
/// `changes` must not be checked yet: a decided state may go back. Errors: the storage's.
[[nodiscard]] Status add_decisions(const std::vector<DecisionNote>& notes, const Schema& schema,
                                   RowTables& tables, std::vector<NetRow>& rows,
                                   std::vector<RowChange>& changes);

/// Shows the transaction's decisions in ds_conflict until the hub has answered.
[[nodiscard]] Status show_decisions(const std::vector<DecisionNote>& notes, sqlite::Database& db,
                                    const Schema& schema, Sequence sequence);

}  // namespace doorstep
