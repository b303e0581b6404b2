// Blocks of rows as they stand in the messages that carry rows, each way. Pure.
#pragma once

#include <vector>

#include "engine/wire/message.hpp"
#include "engine/wire/row_columns.hpp"

namespace doorstep {

[[nodiscard]] std::vector<const RowId*> pointers_to(const std::vector<RowId>& rows);

/// Precondition: the cells fill the block.
void write(CborWriter& writer, const RowBlock& block, DictionaryBudget& budget);
/// `rows_left`: how many rows the message may still hold; error message_too_large past that.
[[nodiscard]] RowBlock read_rows(CborReader& reader, std::size_t& rows_left,
                                 DictionaryBudget& budget);

}  // namespace doorstep
