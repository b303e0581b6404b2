// Rows, departures and conflicts as statements bind and read them. All run on the connection that
// is given, inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

/// Inserts or replaces a row, live or dead; a row that changed sides leaves the other table.
/// `is_absent`: read_row() has found none in this transaction, and none was put since.
[[nodiscard]] Status put_row(HubConnection& hub, const HubSql& sql, const StoredRow& row,
                             bool is_absent = false);
/// A live row by key, else its tombstone, else nullopt.
[[nodiscard]] Result<std::optional<StoredRow>> read_row(HubConnection& hub, const HubSql& sql,
                                                        const RowKey& key);
/// The row that a HubTableSql::select_... statement stands on.
[[nodiscard]] Result<StoredRow> live_row_at(HubConnection& hub, const HubSql& sql, TableId table,
                                            const sqlite::Statement& at);

/// The eight ds_ columns of a row, from parameter `first`. A position equal to the row's own, a
/// stamp that is a point and no exceptions are NULL: the usual row costs four small integers.
/// `exceptions` (encode_exceptions) must live until the statement has run.
[[nodiscard]] Status bind_versions(HubConnection& hub, sqlite::Statement& to, int first,
                                   const StoredRow& row, const Bytes& exceptions);
/// Key, columns and versions from parameter `first`, as HubTableSql::upsert has them; gives the
/// next parameter.
[[nodiscard]] Result<int> bind_row(HubConnection& hub, const HubSql& sql, sqlite::Statement& to,
                                   int first, const StoredRow& row, const Bytes& exceptions);
[[nodiscard]] Status read_versions(HubConnection& hub, const Schema& schema,
                                   const sqlite::Statement& at, int first, StoredRow& row);

[[nodiscard]] Status put_departure(HubConnection& hub, const HubSql& sql,
                                   const Departure& departure);
[[nodiscard]] Status put_conflict(HubConnection& hub, const HubSql& sql, const Conflict& conflict);

/// Selects that end in "WHERE " or "ORDER BY" of the caller's; the readers below stand on their
/// rows.
[[nodiscard]] std::string_view select_tombstone();
[[nodiscard]] std::string_view select_departure();
[[nodiscard]] std::string_view select_conflict();
[[nodiscard]] Result<StoredRow> tombstone_at(HubConnection& hub, const HubSql& sql,
                                             const sqlite::Statement& at);
/// Of one row, ascending by position.
[[nodiscard]] Result<std::vector<Departure>> departures_of(HubConnection& hub, const HubSql& sql,
                                                           const RowKey& key);
[[nodiscard]] Result<Departure> departure_at(HubConnection& hub, const HubSql& sql,
                                             const sqlite::Statement& at);
[[nodiscard]] Result<Conflict> conflict_at(HubConnection& hub, const HubSql& sql,
                                           const sqlite::Statement& at);

// As HubSnapshot says. Each reads along an index: the time does not grow with the tables.
[[nodiscard]] Result<std::vector<Conflict>> read_conflicts(HubConnection& hub, const HubSql& sql,
                                                           const ConflictQuery& query);
[[nodiscard]] Result<std::optional<Conflict>> read_conflict(HubConnection& hub, const HubSql& sql,
                                                            const ConflictId& id);
[[nodiscard]] Result<std::vector<Conflict>> read_conflicts_of(HubConnection& hub, const HubSql& sql,
                                                              const RowKey& key);
/// The statements that they run, for a test that looks at SQLite's plans.
[[nodiscard]] std::string list_conflicts_sql(const ConflictQuery& query);
[[nodiscard]] std::string conflicts_of_row_sql();

}  // namespace doorstep
