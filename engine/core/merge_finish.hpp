// What a batch of merged rows comes to for the store: rows, departures, conflicts, digests.
#pragma once

#include <vector>

#include "engine/core/merge_batch.hpp"

namespace doorstep {

/// Of every row that the batch changed; the rows are moved out of it. `outcomes` are taken over.
[[nodiscard]] MergeResult finish_batch(const Schema& schema, const RowSet& stored,
                                       MergeBatch& batch, std::vector<Outcome> outcomes,
                                       Position commit);

}  // namespace doorstep
