// One state of a hub, for those who read much of it: as the engine knows it, and its tables as SQL.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/sqlite/database.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep {

/// A read transaction on the hub's database from open() on; phones' work goes on beside it. Used by
/// one thread, not longer than the store lives.
class HubView {
 public:
  /// What SqliteHubStore and sqlite::Database::open say, and busy.
  [[nodiscard]] static Result<HubView> open(SqliteHubStore& store,
                                            const std::filesystem::path& database);

  [[nodiscard]] HubSnapshot& snapshot() const { return *snapshot_; }
  /// Read-only.
  [[nodiscard]] sqlite::Database& db() { return db_; }
  [[nodiscard]] const Schema& schema() const { return snapshot_->schemas().newest(); }
  [[nodiscard]] const HubIdentity& identity() const { return *identity_; }
  /// The commit that all of it comes from.
  [[nodiscard]] Position position() const { return snapshot_->head(); }

 private:
  HubView(std::unique_ptr<HubSnapshot> snapshot, sqlite::Database db, const HubIdentity& identity)
      : snapshot_(std::move(snapshot)), db_(std::move(db)), identity_(&identity) {}

  std::unique_ptr<HubSnapshot> snapshot_;
  sqlite::Database db_;
  const HubIdentity* identity_;
};

}  // namespace doorstep
