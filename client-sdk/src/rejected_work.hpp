// Transactions that the hub did not take, kept in ds_rejected until a person sends them again or
// gives them up. Each call runs inside the caller's storage transaction.
#pragma once

#include <doorstep/rejected.hpp>

#include "client-sdk/src/row_table.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// Moves the transaction from the outbox here, with its verdict. One that is not in the outbox
/// stays where it is.
[[nodiscard]] Status keep_rejected(sqlite::Database& db, const Ack::Item& item, Instant now);

/// One record without its rows, open or closed; nullopt when there is none.
[[nodiscard]] Result<std::optional<RejectedInfo>> find_rejected(sqlite::Database& db,
                                                                Sequence sequence);
/// Those that wait for a person, with their rows; ascending by sequence.
[[nodiscard]] Result<std::vector<RejectedInfo>> read_rejected(sqlite::Database& db,
                                                              const Schema& schema);
/// What the transaction changed. One that this schema cannot read has no changes. Error not_found.
[[nodiscard]] Result<Transaction> rejected_content(sqlite::Database& db, const Schema& schema,
                                                   Sequence sequence);
[[nodiscard]] Result<RejectedDetail> read_rejected_detail(sqlite::Database& db,
                                                          const Schema& schema, Sequence sequence);

/// The record and those that wait with it, in order: what builds on the same first one. Error
/// not_found when it does not wait.
[[nodiscard]] Result<std::vector<Sequence>> waiting_group(sqlite::Database& db, Sequence sequence);

/// Writes the changes of a record into the tables as they are now: columns that it wrote, counters
/// and sets as its net edits. Triggers of the app do not run: what they did is among the changes.
/// Error not_found when a row that it updated is gone.
[[nodiscard]] Status write_again(sqlite::Database& db, const Schema& schema, RowTables& tables,
                                 Sequence sequence);

/// What a transaction that is written again for a record names: the first that was refused.
[[nodiscard]] Result<Hash> original_of(sqlite::Database& db, const Schema& schema,
                                       Sequence sequence);

/// The record waits no longer. `resent_as`: zero when nothing was left to send.
[[nodiscard]] Status close_rejected(sqlite::Database& db, Sequence sequence,
                                    RejectedInfo::State state, Sequence resent_as, Instant now);

/// The newest of those that forget_closed_work() drops; zero: none. None after `included`: a
/// restored hub may not have taken again what was written before it.
[[nodiscard]] Result<Sequence> closed_work(sqlite::Database& db, Sequence included, Instant now);
/// Drops records that were closed longer than limits::acked_kept_ms ago.
[[nodiscard]] Status forget_closed_work(sqlite::Database& db, Sequence included, Instant now);

}  // namespace doorstep
