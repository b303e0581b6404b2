// Messages to bytes and back: CBOR (RFC 8949, deterministic encoding), each message one array
// [type number, fields...]. Decoding is total: any input gives a message or an error of the
// catalogue (malformed, message_too_large, too_deep), reads nothing past the end, allocates in
// proportion to the input, and leaves nothing unread. Pure and thread-safe.
#pragma once

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

[[nodiscard]] Bytes encode(const Message& message);
[[nodiscard]] Result<Message> decode(ByteView bytes);

/// The body of a transaction: header and changes, in columns per table (names, not numbers). The
/// result is what is stored in the outbox, hashed and sent; nothing ever encodes it again.
[[nodiscard]] Bytes encode_transaction(const Schema& schema, const Transaction& transaction);

/// The same for a device that writes it: error transaction_too_large, saying which limit, when no
/// hub would take it.
[[nodiscard]] Result<Bytes> encode_within_limits(const Schema& schema,
                                                 const Transaction& transaction);

/// Error malformed; unknown_table or unknown_column (with the name) when the schema does not know
/// what was written (SEMANTICS D5); bad_value and bad_key when a value does not fit its column.
[[nodiscard]] Result<Transaction> decode_transaction(const Schema& schema, ByteView body);

/// A hub's conflict as a record of names.
[[nodiscard]] ConflictRecord record_of(const Schema& schema, const Conflict& conflict);

/// RowImage to bytes and back, for the base values kept in ds_pending and the tombstones of a hub:
/// an array of values by column name, so that a later schema can read it.
[[nodiscard]] Bytes encode_image(const Table& table, const RowImage& image);
[[nodiscard]] Result<RowImage> decode_image(const Table& table, ByteView bytes);

/// The exceptions blob of a hub's row: all of it that an ordinary row has not (cells with a state
/// of their own, decision, overruled deletes, what died with it, the row that it was merged into).
/// Empty where there is nothing of all that.
[[nodiscard]] Bytes encode_exceptions(const Schema& schema, const StoredRow& row);
/// Puts back what encode_exceptions() took from a row of the same table.
[[nodiscard]] Status decode_exceptions(const Schema& schema, ByteView bytes, StoredRow& row);

/// An Outcome as kept in ds_transaction and ds_rejected.
[[nodiscard]] Bytes encode_outcome(const Outcome& outcome);
[[nodiscard]] Result<Outcome> decode_outcome(ByteView bytes);

}  // namespace doorstep
