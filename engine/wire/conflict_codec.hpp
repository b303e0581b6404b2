// Conflicts as they stand in a message: in columns, as rows do, for those of one pull are much
// alike. Pure.
#pragma once

#include <span>
#include <vector>

#include "engine/wire/message.hpp"
#include "engine/wire/row_columns.hpp"

namespace doorstep {

/// Ids travel only when one of them is not conflict_id_of() its record.
void write(CborWriter& writer, std::span<const ConflictRecord> records, DictionaryBudget& budget);
[[nodiscard]] std::vector<ConflictRecord> read_conflicts(CborReader& reader,
                                                         DictionaryBudget& budget);

}  // namespace doorstep
