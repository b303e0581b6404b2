// What a hub keeps about devices beside rows: their records, enrolment codes, and the outcomes of
// their transactions. All run on the connection given, inside the caller's transaction.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"

namespace doorstep {

[[nodiscard]] Status put_device(HubConnection& hub, const DeviceRecord& device);
[[nodiscard]] Result<std::optional<DeviceRecord>> read_device(HubConnection& hub,
                                                              const DeviceId& id);
/// All, ascending by id.
[[nodiscard]] Result<std::vector<DeviceRecord>> read_devices(HubConnection& hub);

[[nodiscard]] Status put_comparison(HubConnection& hub, const ComparisonRecord& record);
[[nodiscard]] Result<std::optional<ComparisonRecord>> read_comparison(HubConnection& hub,
                                                                      const DeviceId& device);

[[nodiscard]] Status put_past_grant(HubConnection& hub, const DeviceId& device,
                                    const PastGrant& grant);
/// Ascending by position.
[[nodiscard]] Result<std::vector<PastGrant>> read_past_grants(HubConnection& hub,
                                                              const DeviceId& device);

[[nodiscard]] Status put_code(HubConnection& hub, const CodeRecord& code);
/// Removes the code, and all that have expired.
[[nodiscard]] Result<std::optional<CodeRecord>> take_code(HubConnection& hub,
                                                          const Hash& secret_hash, Instant now);

[[nodiscard]] Status put_transactions(HubConnection& hub,
                                      std::span<const TransactionRecord> records);
/// Sequences in (after, through], ascending.
[[nodiscard]] Result<std::vector<TransactionRecord>> read_transactions(HubConnection& hub,
                                                                       const DeviceId& device,
                                                                       Sequence after,
                                                                       Sequence through);

}  // namespace doorstep
