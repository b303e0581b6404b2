// The work of each village in these weeks, as the reports count it, kept until something of the
// village changes: counting a county anew takes a minute, counting a village a blink. Used by one
// thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/core/digest.hpp"
#include "schema/figures/figure_set.hpp"
#include "schema/figures/report.hpp"
#include "server/console/units.hpp"
#include "server/hub_folder.hpp"

namespace doorstep::console {

inline constexpr std::size_t weeks_shown = 8;

struct VillageWork {
  std::array<std::int64_t, weeks_shown> visits{};  ///< by week, the last is this one
  std::int64_t must_due = 0;                       ///< this week
  std::int64_t must_done = 0;
};

class WorkFigures {
 public:
  WorkFigures();

  /// Counts villages of `units` (those that have none below them) of which something has changed,
  /// or that were not counted yet, the longest ago first, until `time` is over; at least one. At
  /// most every few seconds when all are counted.
  [[nodiscard]] Status refresh(const HubFolder& folder, const std::vector<OrgUnit>& units,
                               Instant now, std::chrono::milliseconds time);
  /// Null: not counted yet in this week, or not to be counted: the schema is not the village's.
  [[nodiscard]] const VillageWork* find(const std::string& code) const;
  /// Villages that wait to be counted.
  [[nodiscard]] std::size_t left() const { return left_; }
  /// Names of the weeks, "2026-W47"; empty before the first refresh().
  [[nodiscard]] const std::array<std::string, weeks_shown>& weeks() const { return weeks_; }

 private:
  struct Counted {
    Digest of;
    VillageWork work;
    std::uint64_t turn = 0;  // rises with every village counted
  };
  struct Stale {
    std::string code;
    Digest digest;
    std::uint64_t turn = 0;  // in which it was counted last; 0: never
  };
  [[nodiscard]] Result<std::vector<Stale>> look(HubSnapshot& snapshot,
                                                const std::vector<OrgUnit>& units) const;
  [[nodiscard]] Result<VillageWork> count(const figures::RunQuery& run, const std::string& code,
                                          Instant now) const;
  void begin_week(Instant now);

  std::array<figures::Figure, 3> figures_;  // visits, must-visits due, done
  bool known_ = false;                      // all three
  std::array<std::string, weeks_shown> weeks_;
  std::map<std::string, Counted> villages_;
  std::size_t left_ = 0;
  std::uint64_t turn_ = 0;
  std::chrono::steady_clock::time_point refreshed_;
};

}  // namespace doorstep::console
