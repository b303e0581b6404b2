// Rows, departures and conflicts as statements bind and read them. All run on the connection that
// is given, inside the caller's transaction.
#pragma once

#include <optional>
#include <string_view>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

/// Inserts or replaces a row, live or dead; a row that changed sides leaves the other table.
[[nodiscard]] Status put_row(HubConnection& hub, const HubSql& sql, const StoredRow& row);
/// A live row by key, else its tombstone, else nullopt.
[[nodiscard]] Result<std::optional<StoredRow>> read_row(HubConnection& hub, const HubSql& sql,
                                                        const RowKey& key);
/// The row that a HubTableSql::select_... statement stands on.
[[nodiscard]] Result<StoredRow> live_row_at(HubConnection& hub, const HubSql& sql, TableId table,
                                            const sqlite::Statement& at);

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
[[nodiscard]] Result<Departure> departure_at(HubConnection& hub, const HubSql& sql,
                                             const sqlite::Statement& at);
[[nodiscard]] Result<Conflict> conflict_at(HubConnection& hub, const HubSql& sql,
                                           const sqlite::Statement& at);

}  // namespace doorstep
