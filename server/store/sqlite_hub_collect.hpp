// Collection in the hub's embedded store: what goes out of the feed of a scope, the scope's floor,
// and what stays of a deleted row: that it was here and died (ds_dead).
#pragma once

#include <optional>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

[[nodiscard]] Result<Collected> collect_from(HubConnection& hub, const HubSql& sql,
                                             const CollectRequest& request);
/// A collected row, or nullopt.
[[nodiscard]] Result<std::optional<StoredRow>> read_dead(HubConnection& hub, const HubSql& sql,
                                                         const RowKey& key);
/// The row lives again.
[[nodiscard]] Status forget_dead(HubConnection& hub, const Table& table, const RowId& id);

[[nodiscard]] Result<Position> read_floor(HubConnection& hub, std::span<const ScopeId> scopes);
[[nodiscard]] Result<Position> read_committed_by(HubConnection& hub, Instant time);
[[nodiscard]] Result<std::int64_t> read_horizon(HubConnection& hub);
[[nodiscard]] Status put_horizon(HubConnection& hub, std::int64_t horizon_ms);

}  // namespace doorstep
