// Duplicates of a MemoryHubStore: plain maps, copied with the rest of its state.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/ports/hub_duplicates.hpp"

namespace doorstep {

struct MemoryDuplicatesState {
  std::map<RowKey, RowId> merged;
  std::map<MatchBlock, std::set<RowId>> blocks;
  std::map<DuplicateId, Duplicate> pairs;
  std::map<RowKey, Redirect> redirects;
  std::map<RowKey, std::set<RedirectedReference>> references;
  std::map<RowKey, std::vector<RedirectedWrite>> writes;

  /// Did this author write a reference after `after` that was redirected?
  [[nodiscard]] bool has_redirected(const DeviceId& author, Position after) const;
  /// Newest first, then by id.
  [[nodiscard]] std::vector<Duplicate> list(bool only_open, std::size_t count_max) const;
};

class MemoryHubDuplicates final : public HubDuplicates {
 public:
  /// `state` outlives this.
  explicit MemoryHubDuplicates(MemoryDuplicatesState& state) : state_(state) {}

  [[nodiscard]] Result<std::optional<RowId>> merged_into(const RowKey& key) override;
  [[nodiscard]] Result<bool> has_merged_rows() override { return !state_.merged.empty(); }
  [[nodiscard]] Status change_blocks(const RowKey& key, std::span<const MatchBlock> left,
                                     std::span<const MatchBlock> joined) override;
  [[nodiscard]] Result<std::vector<RowId>> rows_in(MatchBlock block,
                                                   std::size_t count_max) override;
  [[nodiscard]] Result<std::optional<Duplicate>> find(const DuplicateId& id) override;
  [[nodiscard]] Result<std::vector<Duplicate>> of_row(const RowKey& key) override;
  [[nodiscard]] Status put(const Duplicate& pair) override;
  [[nodiscard]] Status remove(const DuplicateId& id) override;
  [[nodiscard]] Result<std::optional<Redirect>> redirect(const RowKey& loser) override;
  [[nodiscard]] Status put_redirect(const Redirect& redirect) override;
  [[nodiscard]] Status end_redirect(const RowKey& loser) override;
  [[nodiscard]] Status put_references(std::span<const RedirectedReference> references) override;
  [[nodiscard]] Result<std::vector<RedirectedReference>> references(const RowKey& loser) override;
  [[nodiscard]] Status put_writes(std::span<const RedirectedWrite> writes) override;
  [[nodiscard]] Result<std::vector<RedirectedWrite>> writes(const RowKey& loser) override;

 private:
  MemoryDuplicatesState& state_;
};

}  // namespace doorstep
