// The figures of an app as the hub has them, all from one state of its database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/digest.hpp"
#include "engine/core/time.hpp"
#include "schema/figures/report.hpp"
#include "server/hub_view.hpp"

namespace doorstep {

/// A read transaction on the hub's database from open() on; phones' work goes on beside it. Used by
/// one thread.
class HubFigures {
 public:
  /// What SqliteHubStore and sqlite::Database::open say.
  [[nodiscard]] static Result<HubFigures> open(SqliteHubStore& store,
                                               const std::filesystem::path& database);

  /// The commit that all of it comes from.
  [[nodiscard]] Position position() const { return view_.position(); }
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
  [[nodiscard]] HubSnapshot& snapshot() { return view_.snapshot(); }
  /// The same state as snapshot().
  [[nodiscard]] sqlite::Database& database() { return view_.db(); }

 private:
  explicit HubFigures(HubView view) : view_(std::move(view)) {}

  HubView view_;
};

}  // namespace doorstep
