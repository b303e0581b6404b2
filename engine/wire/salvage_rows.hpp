// Whole rows to Salvage messages and back. Pure.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// Rows as a device held them, by key.
using HeldRows = std::map<RowKey, RowImage>;

/// In the order of the keys, cut by limits::salvage_rows_max and salvage_bytes_target; the columns
/// named are all that the schema has. A row of more than limits::salvage_row_bytes_max, and what
/// does not fit into limits::salvage_parts_max messages, is left out and counted. No row: no
/// message.
[[nodiscard]] std::vector<Salvage> salvage_of(const Schema& schema, Sequence sequence,
                                              const HeldRows& rows);

/// Puts `more` behind parts that the hub has not confirmed yet, with the numbers that follow; what
/// does not fit into limits::salvage_parts_max is counted as left out.
void append_salvage(std::vector<Salvage>& kept, std::vector<Salvage> more);

/// Tables and columns that the schema does not know are left out. Errors: malformed when cells do
/// not fill a block, bad_key and bad_value.
[[nodiscard]] Result<HeldRows> rows_of(const Schema& schema, std::span<const Salvage> parts);

/// All parts in one blob, as a device keeps them.
[[nodiscard]] Bytes encode_parts(std::span<const Salvage> parts);
[[nodiscard]] Result<std::vector<Salvage>> decode_parts(ByteView bytes);

}  // namespace doorstep
