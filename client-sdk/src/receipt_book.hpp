// Where own work is (DESIGN section 7, receipts): worked out from the outbox, the rejected
// transactions, open conflicts and a short list of acks; synced records cost nothing.
#pragma once

#include <doorstep/receipts.hpp>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// An ack made everything through `last` durable. `position` zero: a later checkpoint says it. Only
/// the newest limits::receipts_kept_max are kept; what is older then shows the commit and time of a
/// later ack, which is still true: "in that commit, or before it".
[[nodiscard]] Status note_receipt(sqlite::Database& db, Sequence last, Position position,
                                  Instant now);
/// A checkpoint at `position` includes everything through `included`.
[[nodiscard]] Status place_receipts(sqlite::Database& db, Sequence included, Position position);

/// The calls of Replica, each inside one read transaction.
[[nodiscard]] Result<Receipt> receipt_of(sqlite::Database& db, Sequence transaction);
[[nodiscard]] Result<Receipt> receipt_of(sqlite::Database& db, const Schema& schema,
                                         std::string_view table, const Value& id);
[[nodiscard]] Result<RecordReceipts> read_receipts(sqlite::Database& db, const Schema& schema);

}  // namespace doorstep
