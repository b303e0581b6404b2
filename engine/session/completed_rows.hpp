// A quarantined transaction and the rows that its device sent after it, on their way back into the
// merge (SEMANTICS D4). A part of settle_quarantine.
#pragma once

#include <set>

#include "engine/ports/hub_store.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep {

/// Where the transaction updates a row that this hub does not have, or has let go of, the update
/// becomes an insert of the row as `held` with the update in it; rows that its rows hang on, and
/// that the hub lacks as well, are inserted before. What the hub has stays as it is written.
/// `coming` are rows that come with this commit already; those added here join them. Error
/// hub_column when the device itself wrote a column that devices may not write.
[[nodiscard]] Status complete_rows(HubCommit& commit, const Schema& schema, const HeldRows& held,
                                   std::set<RowKey>& coming, IncomingTransaction& transaction);

}  // namespace doorstep
