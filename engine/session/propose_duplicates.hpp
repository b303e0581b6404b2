// Keeps blocks and proposals in step with the rows of a commit (SEMANTICS D6). Its cost depends on
// the rows of the commit and on the sizes of their blocks, never on the size of a table.
#pragma once

#include <span>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// For rows that came to life, changed or died: `before` has them as the commit found them, `after`
/// as it put them. New pairs are proposed, open ones that no longer hold are taken out, pairs that
/// a person has judged are left alone for ever. Of a block of more than
/// limits::match_block_rows_max rows only the first ones are looked at.
[[nodiscard]] Status propose_duplicates(HubCommit& commit, const Schema& schema,
                                        const RowSet& before, std::span<const StoredRow> after);

}  // namespace doorstep
