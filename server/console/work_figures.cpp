#include "server/console/work_figures.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"
#include "schema/figures/period.hpp"
#include "server/report/hub_figures.hpp"

namespace doorstep::console {
namespace {

constexpr std::array<std::string_view, 3> wanted{"visits", "must_visits_due", "must_visits_done"};
using Clock = std::chrono::steady_clock;

figures::Period this_week(Instant now) {
  return figures::period_of(figures::Period::Kind::week, figures::day_in_china(now));
}

Result<std::int64_t> sum_of(const figures::RunQuery& run, const figures::Figure& figure,
                            const std::string& code, const figures::Period& period) {
  DS_ASSIGN(const auto found, run(figure.select, figures::parameters_of(code, period)));
  std::int64_t sum = 0;
  for (const auto& row : found.rows) {
    if (row.size() > 1 && row[1].kind() == Value::Kind::integer) sum += row[1].as_integer();
  }
  return sum;
}

/// Scopes of the villages, and what every village's figures may also come from: all above.
struct Scopes {
  std::vector<ScopeId> villages;
  std::vector<ScopeId> above;
};

Scopes scopes_of(const std::vector<OrgUnit>& units) {
  Scopes scopes;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const bool has_below = i + 1 < units.size() && units[i + 1].depth > units[i].depth;
    (has_below ? scopes.above : scopes.villages).push_back({units[i].code});
  }
  return scopes;
}

}  // namespace

WorkFigures::WorkFigures() {
  auto set = figures::parse_figures(figures::village_figures_text());
  if (!set) return;
  std::size_t found = 0;
  for (figures::Figure& figure : set->figures) {
    const auto place = std::find(wanted.begin(), wanted.end(), figure.name);
    if (place == wanted.end()) continue;
    figure.select = set->whole(figure.select);
    figures_[static_cast<std::size_t>(place - wanted.begin())] = std::move(figure);
    ++found;
  }
  known_ = found == wanted.size();
}

void WorkFigures::begin_week(Instant now) {
  figures::Period week = this_week(now);
  if (weeks_.back() == week.name) return;
  villages_.clear();
  for (auto name = weeks_.rbegin(); name != weeks_.rend(); ++name) {
    *name = week.name;
    week = figures::before(week);
  }
}

Result<VillageWork> WorkFigures::count(const figures::RunQuery& run, const std::string& code,
                                       Instant now) const {
  VillageWork work;
  figures::Period week = this_week(now);
  DS_ASSIGN(work.must_due, sum_of(run, figures_[1], code, week));
  DS_ASSIGN(work.must_done, sum_of(run, figures_[2], code, week));
  for (auto visits = work.visits.rbegin(); visits != work.visits.rend(); ++visits) {
    DS_ASSIGN(*visits, sum_of(run, figures_[0], code, week));
    week = figures::before(week);
  }
  return work;
}

// What is counted may be newer than the digest that says of what it was counted: then it is counted
// once more, the next time.
Result<std::vector<WorkFigures::Stale>> WorkFigures::look(HubSnapshot& snapshot,
                                                          const std::vector<OrgUnit>& units) const {
  const Scopes scopes = scopes_of(units);
  DS_ASSIGN(const auto above, snapshot.digests(scopes.above));
  DS_ASSIGN(const auto digests, snapshot.digests(scopes.villages));
  Digest shared;
  for (const Digest& one : above) shared += one;
  std::vector<Stale> stale;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    Digest digest = digests[i];
    digest += shared;
    const std::string& code = scopes.villages[i].code;
    const auto found = villages_.find(code);
    if (found == villages_.end()) {
      stale.push_back({code, digest, 0});
    } else if (found->second.of != digest) {
      stale.push_back({code, digest, found->second.turn});
    }
  }
  std::stable_sort(stale.begin(), stale.end(),
                   [](const Stale& a, const Stale& b) { return a.turn < b.turn; });
  return stale;
}

Status WorkFigures::refresh(const HubFolder& folder, const std::vector<OrgUnit>& units, Instant now,
                            std::chrono::milliseconds time) {
  const auto began = Clock::now();
  begin_week(now);
  const bool just_done =
      left_ == 0 && !villages_.empty() && now - refreshed_ < limits::console_overview_ms;
  if (!known_ || just_done) return {};
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto stale, look(*snapshot, units));
  left_ = stale.size();
  refreshed_ = now;
  if (stale.empty()) return {};
  DS_ASSIGN(auto hub, HubFigures::open(folder.store(), folder.database_file()));
  const auto run = hub.runner();
  for (const Stale& village : stale) {
    auto work = count(run, village.code, now);
    if (!work && work.error().code == ErrorCode::sql_error) known_ = false;
    if (!work) return known_ ? Status(work.error()) : Status();
    villages_[village.code] = {village.digest, work.value(), ++turn_};
    --left_;
    if (Clock::now() - began >= time) break;
  }
  return {};
}

const VillageWork* WorkFigures::find(const std::string& code) const {
  const auto found = villages_.find(code);
  return found == villages_.end() || !known_ ? nullptr : &found->second.work;
}

}  // namespace doorstep::console
