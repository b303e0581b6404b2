// Duplicates in a hub's database: ds_match, ds_duplicate, ds_redirect and what is logged under it.
#pragma once

#include <optional>
#include <vector>

#include "engine/ports/hub_duplicates.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

/// Part of one SqliteHubCommit.
class SqliteHubDuplicates final : public HubDuplicates {
 public:
  /// All outlive this. The first failure of a call is kept in `failure`, and every call after one
  /// gives it again.
  SqliteHubDuplicates(HubConnection& hub, const HubSql* const& sql, std::optional<Error>& failure)
      : hub_(hub), sql_(sql), failure_(failure) {}

  [[nodiscard]] Result<std::optional<RowId>> merged_into(const RowKey& key) override;
  [[nodiscard]] Result<bool> has_merged_rows() override;
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
  template <class Work>
  [[nodiscard]] auto attempt(const Work& work) -> decltype(work()) {
    if (failure_) return *failure_;
    auto result = work();
    if (!result) failure_ = result.error();
    return result;
  }
  /// A statement with table name and key of `row` as ?1 and ?2.
  [[nodiscard]] Result<HubQuery> about(std::string_view sql, const RowKey& row);

  HubConnection& hub_;
  const HubSql* const& sql_;  // set when the commit begins
  std::optional<Error>& failure_;
};

/// For snapshots: newest first.
[[nodiscard]] Result<std::vector<Duplicate>> read_duplicates(HubConnection& hub, const HubSql& sql,
                                                             bool only_open, std::size_t count_max);

}  // namespace doorstep
