// Two hubs of one village for the contract of HubStore, and short ways to write its rows. Each test
// makes its own hub; nothing is shared.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/memory_hub_store.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep::test {

/// A folder of its own under the system's temporary folder; removed with all in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// org_unit (the scope tree), household (in a village, with a set and a counter), visit (via
/// household).
[[nodiscard]] Schema store_village();
inline constexpr TableId org_unit{0};
inline constexpr TableId household{1};
inline constexpr TableId visit{2};

[[nodiscard]] HubIdentity township();

/// The hubs under test.
class MemoryHub {
 public:
  [[nodiscard]] HubStore& store() { return store_; }

 private:
  MemoryHubStore store_{store_village(), township()};
};

class SqliteHub {
 public:
  SqliteHub();
  [[nodiscard]] HubStore& store() { return *store_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteHubStore> store_;
};

[[nodiscard]] Result<std::unique_ptr<SqliteHubStore>> open_hub(const std::filesystem::path& folder,
                                                               SqliteHubOptions options = {});

inline const ScopeId dushi{"431224103212"};
inline const ScopeId longtan{"431224103201"};
inline const ScopeId qiaojiang{"431224103"};

[[nodiscard]] DeviceId phone(std::uint8_t number);
[[nodiscard]] RowId row_id(std::uint32_t number);
[[nodiscard]] CommitToken token_of(Position position);

/// A row as it is after an insert by `author` at `position`.
[[nodiscard]] StoredRow household_row(std::uint32_t number, const ScopeId& village,
                                      Position position, std::string_view address,
                                      const DeviceId& author = phone(1));
[[nodiscard]] StoredRow visit_row(std::uint32_t number, std::uint32_t of_household,
                                  const ScopeId& village, Position position, std::string_view note);
[[nodiscard]] StoredRow unit_row(std::string_view code, std::string_view parent, Position position);
/// The row after a delete by `author` at `position`.
[[nodiscard]] StoredRow dead(StoredRow row, Position position, const DeviceId& author = phone(2));
/// A loser's record of the address of a household.
[[nodiscard]] Conflict conflict_of(std::uint32_t number, const ScopeId& village, Position position,
                                   ConflictState state, const DeviceId& loser);

/// Begins, lets `work` put, commits; returns the position.
Position commit(HubStore& store, const std::function<void(HubCommit&, Position)>& work);
/// Puts rows and keeps the running digests, as the merge writer does.
void put(HubStore& store, HubCommit& commit, const std::vector<StoredRow>& rows);

/// One line for each item of a feed in its order: "household/00000001", "visit/00000002 dead",
/// "household/00000001 to 431224103201", "conflict 00000003".
[[nodiscard]] std::vector<std::string> lines_of(const Schema& schema, const FeedBatch& batch);
/// Everything after `scan`, read in batches of `rows_max` from fresh snapshots.
[[nodiscard]] std::vector<std::string> read_all(HubStore& store, FeedRequest request);
[[nodiscard]] FeedBatch read_once(HubStore& store, const FeedRequest& request);
/// A request for all after `cursor` in one batch.
[[nodiscard]] FeedRequest pull(const DeviceId& device, std::vector<ScopeId> scopes,
                               Position cursor = {}, std::size_t rows_max = 1'000'000);

}  // namespace doorstep::test
