// The hub's embedded store: one SQLite file, hub.db, in the hub's data folder. Its tables are
// documented in docs/storage.md: the app's own tables with the app's names, and ds_ tables beside
// them.
//
// Threads: safe from any thread; each commit and each snapshot is used by one thread at a time. Any
// number of processes may open one folder; one commit at a time goes through in all of them
// together. Durability: with synchronous FULL (the default) a commit that returned survives power
// loss.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

struct SqliteHubOptions {
  int busy_timeout_ms = 10'000;  ///< how long begin() waits for another writer
  bool synchronous_normal =
      false;  ///< faster; the last commits may be lost on power loss, never on a crash
  std::int64_t page_count_max =
      0;  ///< largest file in pages, then disk_full; 0: as large as the disk
};

class SqliteHubStore final : public HubStore {
 public:
  /// Makes a hub in `dir`, which is made when it is not there. The file is for its owner only,
  /// because it holds the hub's private key. Errors: already_exists, read_only, disk_full,
  /// io_error.
  [[nodiscard]] static Result<std::unique_ptr<SqliteHubStore>> create(
      const std::filesystem::path& dir, Schema schema, const HubIdentity& identity,
      SqliteHubOptions options = {});

  /// Makes a schema from the text that create() was given (Schema::source()).
  using LoadSchema = std::function<Result<Schema>(std::string_view text)>;

  /// Opens the hub in `dir`. Errors: not_a_hub (nothing there, or another application's database),
  /// corrupt (no database, or a damaged one), replica_version, read_only, io_error, and what
  /// `load_schema` says.
  [[nodiscard]] static Result<std::unique_ptr<SqliteHubStore>> open(
      const std::filesystem::path& dir, const LoadSchema& load_schema,
      SqliteHubOptions options = {});

  ~SqliteHubStore() override;
  SqliteHubStore(const SqliteHubStore&) = delete;
  SqliteHubStore& operator=(const SqliteHubStore&) = delete;

  [[nodiscard]] const Schema& schema() const override;
  [[nodiscard]] const HubIdentity& identity() const override;
  /// Error busy when another writer, here or in another process, held on for longer than the
  /// timeout.
  [[nodiscard]] Result<std::unique_ptr<HubCommit>> begin() override;
  [[nodiscard]] Result<std::unique_ptr<HubSnapshot>> snapshot() override;

  /// True when another process has committed to this hub since the last call; cheap enough to ask
  /// several times a second. Not at the first call, and not for commits of this object's own.
  [[nodiscard]] bool changed_elsewhere();

 private:
  struct Shared;
  explicit SqliteHubStore(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

}  // namespace doorstep
