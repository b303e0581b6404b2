// What a hub keeps for a person: quarantined transactions, and the rows that their devices sent
// after them. All run on the connection given, inside the caller's transaction.
#pragma once

#include <optional>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"

namespace doorstep {

/// Inserts or replaces; one that is there already keeps its place in the list.
[[nodiscard]] Status put_quarantine(HubConnection& hub, const QuarantineRecord& record);
[[nodiscard]] Result<std::optional<QuarantineRecord>> find_quarantined(HubConnection& hub,
                                                                       const TransactionId& id);
[[nodiscard]] Result<std::optional<QuarantineRecord>> find_quarantined(HubConnection& hub,
                                                                       const Hash& hash);
/// The merged transaction that was written again for the one with this hash.
[[nodiscard]] Result<std::optional<TransactionId>> find_resent(HubConnection& hub,
                                                               const Hash& original);
[[nodiscard]] Status put_resent(HubConnection& hub, const Hash& original, const TransactionId& by);
/// Of all transactions of this number.
[[nodiscard]] Result<std::vector<Hash>> quarantined_hashes(HubConnection& hub,
                                                           const DeviceId& device,
                                                           Sequence sequence);
/// Newest first.
[[nodiscard]] Result<std::vector<QuarantineRecord>> read_quarantine(HubConnection& hub,
                                                                    const QuarantineQuery& query);

[[nodiscard]] Status put_salvage(HubConnection& hub, const DeviceId& device, const Salvage& salvage,
                                 Position position);
/// Of one transaction; sequence 0: of every epoch.
[[nodiscard]] Status remove_salvage(HubConnection& hub, const DeviceId& device, Sequence sequence);
/// Ascending by epoch and part.
[[nodiscard]] Result<std::vector<Salvage>> read_salvage(HubConnection& hub, const DeviceId& device,
                                                        Sequence sequence);

}  // namespace doorstep
