// Conflict records of one commit: what lost, what stopped losing. A record is never taken out
// because a third author replaced both values: it is the only place where the loser is still to be
// found. Pure.
#pragma once

#include <map>

#include "engine/core/conflict.hpp"
#include "engine/core/merge_batch.hpp"

namespace doorstep {

using ConflictMap = std::map<ConflictId, Conflict>;

/// Adds the records that one row's part of the commit makes or changes. `before`: as the commit
/// found the row, or null. Precondition: after.row.
void add_conflicts(const Schema& schema, const StoredRow* before, const WorkingRow& after,
                   Position commit, ConflictMap& records);

}  // namespace doorstep
