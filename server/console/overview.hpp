// How the villages do: their devices, what waits for a person there, and their work, each and
// summed up.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/console/units.hpp"
#include "server/console/work_figures.hpp"

namespace doorstep::console {

/// What is known of one unit, or of several together.
struct UnitNow {
  OrgUnit unit;
  std::uint64_t devices = 0;
  std::uint64_t silent = 0;  ///< not heard of for a week
  std::uint64_t connected = 0;
  std::optional<Instant> last_contact;
  std::uint64_t lag = 0;  ///< the largest
  std::uint64_t pending = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t quarantined = 0;
  std::optional<VillageWork> work;  ///< nullopt: not counted yet
};

struct Overview {
  Position position;
  UnitNow totals;
  std::vector<UnitNow> units;  ///< those that have none below them, by code
};

struct OverviewQuestion {
  std::vector<OrgUnit> units;  ///< the one at the head, and all below it
  std::set<DeviceId> connected;
  Instant now;
};

/// `db` is the hub's database; `work` has been refreshed.
[[nodiscard]] Result<Overview> overview_of(HubStore& store, sqlite::Database& db,
                                           const OverviewQuestion& question,
                                           const WorkFigures& work);

}  // namespace doorstep::console
