#include "server/report/hub_figures.hpp"

#include <utility>

#include "server/report/kept_parts.hpp"

namespace doorstep {
namespace {

constexpr std::int64_t silent_ms = std::int64_t{7} * 24 * 3'600'000;

constexpr const char* conflicts_sql =
    "SELECT ds_scope.code, count(*) FROM ds_conflict JOIN ds_scope ON ds_scope.scope ="
    " ds_conflict.ds_scope WHERE state = 'open' AND withdrawn = 0 GROUP BY ds_scope.code";

using Counts = std::vector<std::pair<std::string, double>>;

/// Counts of a statement that gives (unit, number).
Result<Counts> counts_of(const figures::RunQuery& run, const char* sql) {
  DS_ASSIGN(const figures::QueryResult found, run(sql, {}));
  Counts counts;
  for (const auto& row : found.rows) {
    if (row[0].kind() == Value::Kind::text && row[1].kind() == Value::Kind::integer)
      counts.emplace_back(row[0].as_text(), static_cast<double>(row[1].as_integer()));
  }
  return counts;
}

figures::Queries queries_of(KeptParts& parts) {
  return {[&parts](const std::string& sql, const figures::Parameters& parameters) {
            return parts.run(sql, parameters);
          },
          [&parts](const figures::Part& part, const figures::Parameters& parameters) {
            return parts.keep(part, parameters);
          }};
}

}  // namespace

Result<HubFigures> HubFigures::open(SqliteHubStore& store, const std::filesystem::path& database) {
  DS_ASSIGN(HubView view, HubView::open(store, database));
  return HubFigures(std::move(view));
}

figures::RunQuery HubFigures::runner() {
  return [this](const std::string& sql, const figures::Parameters& parameters) {
    return KeptParts(view_.db()).run(sql, parameters);
  };
}

Result<Digest> HubFigures::digest(const std::string& scope) const {
  DS_ASSIGN(const auto tree, view_.snapshot().scope_tree());
  // What lies below: the digest is of the report's own villages, not of what is above them.
  std::vector<ScopeId> below{ScopeId{scope}};
  for (std::size_t i = 0; i < below.size(); ++i) {
    for (const auto& [code, parent] : tree) {
      if (parent == below[i]) below.push_back(code);
    }
  }
  DS_ASSIGN(const auto digests, view_.snapshot().digests(below));
  Digest sum;
  for (const Digest& one : digests) sum += one;
  return sum;
}

Result<figures::Report> HubFigures::report(const figures::FigureSet& set, const std::string& scope,
                                           const figures::Period& period, Instant now,
                                           const figures::Progress& progress) {
  KeptParts parts(view_.db());
  DS_ASSIGN(figures::Report report, make_report(set, queries_of(parts), scope, period, progress));
  Counts devices;
  Counts silent;
  DS_ASSIGN(const auto all, view_.snapshot().devices());
  for (const DeviceRecord& device : all) {
    if (device.revoked || device.scopes.empty()) continue;
    const bool heard = now.ms - device.last_contact.ms < silent_ms;
    devices.emplace_back(device.scopes.front().code, 1);
    if (!heard) silent.emplace_back(device.scopes.front().code, 1);
  }
  DS_ASSIGN(const Counts waiting, counts_of(runner(), conflicts_sql));
  using figures::Unit;
  add_column(report, {"devices", "手机", "devices", Unit::count}, devices);
  add_column(report, {"devices_silent", "一周未联系", "silent for a week", Unit::count}, silent);
  add_column(report, {"decisions_waiting", "待裁决", "decisions waiting", Unit::count}, waiting);
  return report;
}

Result<figures::Report> HubFigures::report_of_one(const figures::FigureSet& set,
                                                  const std::string& scope,
                                                  const figures::Period& period) {
  KeptParts parts(view_.db());
  return make_report_of_one(set, queries_of(parts), scope, period);
}

}  // namespace doorstep
