// The schema's rules as SQL on a hub's own tables (SEMANTICS D1), and the rows that fell with
// refused transactions (D2). All run on the connection given, inside the caller's transaction.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

/// Prepares every rule once against the tables that are there and throws it away: one SELECT that
/// only reads, only the app's tables and columns, no parameter but :id, nothing that says something
/// else each time. Error schema_invalid names table and rule.
[[nodiscard]] Status check_rule_sql(sqlite::Database& db, const Schema& schema);

/// HubCommit::check_rules.
[[nodiscard]] Result<std::optional<BrokenRule>> find_broken_rule(HubConnection& hub,
                                                                 const Schema& schema,
                                                                 std::span<const RowKey> written);

/// Ascending by key.
[[nodiscard]] Result<std::vector<FallenRow>> read_fallen(HubConnection& hub, const Schema& schema,
                                                         const DeviceId& device);
[[nodiscard]] Status put_fallen_row(HubConnection& hub, const Schema& schema, const FallenRow& row);

}  // namespace doorstep
