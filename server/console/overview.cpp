#include "server/console/overview.hpp"

#include <algorithm>
#include <functional>

#include "server/device_desk.hpp"

namespace doorstep::console {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

/// Of a statement that gives (scope code, number).
Status add_counts(sqlite::Database& db, const std::string& sql, Counts& counts) {
  DS_ASSIGN(auto all, db.prepare(sql));
  for (;;) {
    DS_ASSIGN(const bool found, all.step());
    if (!found) return {};
    counts[std::string(all.text(0))] += all.unsigned_integer(1);
  }
}

constexpr const char* conflicts_sql =
    "SELECT code, count(*) FROM ds_conflict JOIN ds_scope ON scope = ds_conflict.ds_scope"
    " WHERE state = 'open' AND withdrawn = 0 GROUP BY code";

/// A pair counts where its first row is.
std::string duplicates_sql(const Table& table) {
  const std::string name = sqlite::quote_identifier(table.name);
  return "SELECT ds_scope.code, count(*) FROM ds_duplicate JOIN " + name + " ON " + name + "." +
         sqlite::quote_identifier(table.key) +
         " = ds_duplicate.first JOIN ds_scope ON ds_scope.scope = " + name +
         ".ds_scope WHERE ds_duplicate.state = 'open' AND ds_duplicate.table_name = '" +
         table.name + "' GROUP BY ds_scope.code";
}

Result<Counts> open_duplicates(sqlite::Database& db, const Schema& schema) {
  Counts counts;
  for (const Table& table : schema.tables()) {
    if (table.match_keys.empty()) continue;
    DS_TRY(add_counts(db, duplicates_sql(table), counts));
  }
  return counts;
}

Result<std::map<DeviceId, std::uint64_t>> waiting_by_device(sqlite::Database& db) {
  DS_ASSIGN(auto all, db.prepare("SELECT id, count(*) FROM ds_quarantine JOIN ds_device"
                                 " USING (device) WHERE state = 'waiting' GROUP BY id"));
  std::map<DeviceId, std::uint64_t> counts;
  for (;;) {
    DS_ASSIGN(const bool found, all.step());
    if (!found) return counts;
    counts[all.id<DeviceId>(0)] = all.unsigned_integer(1);
  }
}

/// Puts everything where it belongs: to its unit, if that has none below it, and to the totals.
class Sums {
 public:
  explicit Sums(const std::vector<OrgUnit>& units) {
    for (std::size_t i = 0; i < units.size(); ++i) {
      all_.insert(units[i].code);
      const bool has_below = i + 1 < units.size() && units[i + 1].depth > units[i].depth;
      if (!has_below) overview.units.push_back({units[i], {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
    }
    std::sort(overview.units.begin(), overview.units.end(),
              [](const UnitNow& a, const UnitNow& b) { return a.unit.code < b.unit.code; });
    for (UnitNow& unit : overview.units) places_[unit.unit.code] = &unit;
  }

  void add_device(const DeviceRecord& device, const OverviewQuestion& question, Position head,
                  std::uint64_t waiting) {
    const auto add = [&](UnitNow& to) {
      to.quarantined += waiting;
      if (device.revoked) return;
      ++to.devices;
      to.silent += is_silent(device, question.now) ? 1U : 0U;
      to.connected += question.connected.contains(device.id) ? 1U : 0U;
      to.lag = std::max(to.lag, lag_of(device, head));
      to.pending += pending_of(device);
      if (device.last_contact.ms == 0) return;
      to.last_contact = std::max(to.last_contact.value_or(Instant{}), device.last_contact);
    };
    bool within = false;
    for (const ScopeId& scope : device.scopes) {
      within = within || all_.contains(scope.code);
      const auto place = places_.find(scope.code);
      if (place != places_.end()) add(*place->second);
    }
    if (within) add(overview.totals);
  }

  void add_counts(const Counts& counts, std::uint64_t UnitNow::*member) {
    for (const auto& [code, count] : counts) {
      if (!all_.contains(code)) continue;
      overview.totals.*member += count;
      const auto place = places_.find(code);
      if (place != places_.end()) place->second->*member += count;
    }
  }

  void add_work(const WorkFigures& work) {
    for (UnitNow& unit : overview.units) {
      const VillageWork* counted = work.find(unit.unit.code);
      if (counted == nullptr) continue;
      unit.work = *counted;
      if (!overview.totals.work) overview.totals.work.emplace();
      VillageWork& sum = *overview.totals.work;
      sum.must_due += counted->must_due;
      sum.must_done += counted->must_done;
      for (std::size_t i = 0; i < weeks_shown; ++i) sum.visits[i] += counted->visits[i];
    }
  }

  Overview overview;

 private:
  std::set<std::string> all_;
  std::map<std::string, UnitNow*> places_;
};

}  // namespace

Result<Overview> overview_of(HubStore& store, sqlite::Database& db,
                             const OverviewQuestion& question, const WorkFigures& work) {
  Sums sums(question.units);
  DS_ASSIGN(const auto snapshot, store.snapshot());
  sums.overview.position = snapshot->head();
  DS_ASSIGN(const auto waiting, waiting_by_device(db));
  DS_ASSIGN(const auto devices, devices_of(store, *snapshot));
  for (const DeviceRecord& device : devices) {
    const auto found = waiting.find(device.id);
    sums.add_device(device, question, snapshot->head(), found == waiting.end() ? 0 : found->second);
  }
  Counts conflicts;
  DS_TRY(add_counts(db, conflicts_sql, conflicts));
  sums.add_counts(conflicts, &UnitNow::conflicts);
  DS_ASSIGN(const auto duplicates, open_duplicates(db, store.schema()));
  sums.add_counts(duplicates, &UnitNow::duplicates);
  sums.add_work(work);
  return std::move(sums.overview);
}

}  // namespace doorstep::console
