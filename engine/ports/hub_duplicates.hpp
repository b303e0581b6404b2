// What a hub keeps about duplicates (SEMANTICS D6): blocks by which candidates are found, pairs,
// and the log of merges. Part of one HubCommit, with its threads, errors and durability.
// Implementations pass tests/server/hub_duplicates_test.cpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/core/duplicate.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

class HubDuplicates {
 public:
  virtual ~HubDuplicates() = default;

  /// Which row stands in for this one, one hop only; nullopt when the row was not merged away.
  /// Put by HubCommit::put_rows with StoredRow::merged_into.
  [[nodiscard]] virtual Result<std::optional<RowId>> merged_into(const RowKey& key) = 0;
  /// False when no row of this hub is merged into another: then nothing need be resolved.
  [[nodiscard]] virtual Result<bool> has_merged_rows() = 0;

  /// The row leaves some blocks and joins others. Leaving one that it is not in does nothing.
  [[nodiscard]] virtual Status change_blocks(const RowKey& key, std::span<const MatchBlock> left,
                                             std::span<const MatchBlock> joined) = 0;
  /// Rows of a block, ascending by key, at most `count_max`. A block is a hash: rows of other
  /// tables may be among them, as ids that `table` has not.
  [[nodiscard]] virtual Result<std::vector<RowId>> rows_in(MatchBlock block,
                                                           std::size_t count_max) = 0;

  [[nodiscard]] virtual Result<std::optional<Duplicate>> find(const DuplicateId& id) = 0;
  /// Every pair of which the row is one end, whatever its state; ascending by id.
  [[nodiscard]] virtual Result<std::vector<Duplicate>> of_row(const RowKey& key) = 0;
  /// By id: inserts or replaces.
  [[nodiscard]] virtual Status put(const Duplicate& pair) = 0;
  [[nodiscard]] virtual Status remove(const DuplicateId& id) = 0;

  [[nodiscard]] virtual Result<std::optional<Redirect>> redirect(const RowKey& loser) = 0;
  [[nodiscard]] virtual Status put_redirect(const Redirect& redirect) = 0;
  /// Takes out the merge of this loser with all that is logged under it.
  [[nodiscard]] virtual Status end_redirect(const RowKey& loser) = 0;

  /// Logged again: nothing happens.
  [[nodiscard]] virtual Status put_references(std::span<const RedirectedReference> references) = 0;
  /// Ascending.
  [[nodiscard]] virtual Result<std::vector<RedirectedReference>> references(
      const RowKey& loser) = 0;
  [[nodiscard]] virtual Status put_writes(std::span<const RedirectedWrite> writes) = 0;
  /// In the order in which they were put.
  [[nodiscard]] virtual Result<std::vector<RedirectedWrite>> writes(const RowKey& loser) = 0;
};

}  // namespace doorstep
