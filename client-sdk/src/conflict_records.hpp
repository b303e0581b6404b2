// ds_conflict on a device: what the hub says of values that met, and what was decided here but is
// not confirmed yet. `hub_state` is the hub's word, `state` what a person is shown; they differ
// only while `pending` holds the sequence of an own unconfirmed decision. Used inside the caller's
// transaction.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <doorstep/replica.hpp>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// Newest first. What is decided here and not confirmed yet has this device as its author.
[[nodiscard]] Result<std::vector<ConflictInfo>> read_conflicts(sqlite::Database& db,
                                                               const ConflictFilter& filter);
/// nullopt when there is none.
[[nodiscard]] Result<std::optional<ConflictInfo>> find_conflict(sqlite::Database& db,
                                                                const ConflictId& id);
/// The statement that read_conflicts runs, for a test that looks at SQLite's plan.
[[nodiscard]] std::string list_conflicts_sql(const ConflictFilter& filter);

/// What the hub says: puts the record, or takes a withdrawn one away.
[[nodiscard]] Status put_conflict(sqlite::Database& db, const Schema& schema,
                                  const ConflictRecord& record);

/// All records of a cell (empty column: of the row's deletes) show `state` until the hub has
/// answered transaction `sequence`.
[[nodiscard]] Status show_decision(sqlite::Database& db, const Table& table, const RowId& row,
                                   std::string_view column, ConflictState state, Sequence sequence);
/// The hub's word holds again: a checkpoint includes everything up to `included`.
[[nodiscard]] Status confirm_decisions(sqlite::Database& db, Sequence included);
/// The hub refused that transaction.
[[nodiscard]] Status withdraw_decisions(sqlite::Database& db, Sequence rejected);

}  // namespace doorstep
