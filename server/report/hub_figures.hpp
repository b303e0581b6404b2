// The figures of an app as the hub has them, all from one state of its database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/digest.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/figures/report.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep {

/// A read transaction on the hub's database from open() on; phones' work goes on beside it. Used by
/// one thread.
class HubFigures {
 public:
  /// What SqliteHubStore and sqlite::Database::open say.
  [[nodiscard]] static Result<HubFigures> open(SqliteHubStore& store,
                                               const std::filesystem::path& database);

  /// The commit that all of it comes from.
  [[nodiscard]] Position position() const { return position_; }
  /// Of all scopes that the report's scope holds, as of position().
  [[nodiscard]] Result<Digest> digest(const std::string& scope) const;
  [[nodiscard]] figures::RunQuery runner();
  /// The report, and behind its figures what the hub alone knows: devices, those that were silent
  /// for a week at `now`, decisions and work that wait for a person.
  [[nodiscard]] Result<figures::Report> report(const figures::FigureSet& set,
                                               const std::string& scope,
                                               const figures::Period& period, Instant now,
                                               const figures::Progress& progress = {});
  /// The figures of one period alone, without what the hub alone knows.
  [[nodiscard]] Result<figures::Report> report_of_one(const figures::FigureSet& set,
                                                      const std::string& scope,
                                                      const figures::Period& period);
  [[nodiscard]] HubSnapshot& snapshot() { return *snapshot_; }
  /// The same state as snapshot().
  [[nodiscard]] sqlite::Database& database() { return db_; }

 private:
  HubFigures(std::unique_ptr<HubSnapshot> snapshot, sqlite::Database db)
      : snapshot_(std::move(snapshot)), db_(std::move(db)) {}

  std::unique_ptr<HubSnapshot> snapshot_;
  sqlite::Database db_;
  Position position_;
};

}  // namespace doorstep
