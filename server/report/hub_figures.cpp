#include "server/report/hub_figures.hpp"

#include <utility>

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

Result<figures::QueryResult> run_select(sqlite::Database& db, const std::string& sql,
                                        const figures::Parameters& parameters) {
  DS_ASSIGN(auto statement, db.prepare(sql));
  for (const auto& [name, value] : parameters) {
    const int index = statement.parameter_index((":" + name).c_str());
    if (index > 0) statement.bind(index, std::string_view(value));
  }
  figures::QueryResult result;
  for (int i = 0; i < statement.column_count(); ++i)
    result.columns.emplace_back(statement.column_name(i));
  for (;;) {
    DS_ASSIGN(const bool more, statement.step());
    if (!more) return result;
    std::vector<Value>& row = result.rows.emplace_back();
    row.reserve(result.columns.size());
    for (int i = 0; i < statement.column_count(); ++i) row.push_back(statement.value(i));
  }
}

}  // namespace

Result<HubFigures> HubFigures::open(SqliteHubStore& store, const std::filesystem::path& database) {
  DS_ASSIGN(HubView view, HubView::open(store, database));
  return HubFigures(std::move(view));
}

figures::RunQuery HubFigures::runner() {
  return [this](const std::string& sql, const figures::Parameters& parameters) {
    return run_select(view_.db(), sql, parameters);
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
  const figures::RunQuery run = runner();
  DS_ASSIGN(figures::Report report, make_report(set, run, scope, period, progress));
  Counts devices;
  Counts silent;
  DS_ASSIGN(const auto all, view_.snapshot().devices());
  for (const DeviceRecord& device : all) {
    if (device.revoked || device.scopes.empty()) continue;
    const bool heard = now.ms - device.last_contact.ms < silent_ms;
    devices.emplace_back(device.scopes.front().code, 1);
    if (!heard) silent.emplace_back(device.scopes.front().code, 1);
  }
  DS_ASSIGN(const Counts waiting, counts_of(run, conflicts_sql));
  using figures::Unit;
  add_column(report, {"devices", "手机", "devices", Unit::count}, devices);
  add_column(report, {"devices_silent", "一周未联系", "silent for a week", Unit::count}, silent);
  add_column(report, {"decisions_waiting", "待裁决", "decisions waiting", Unit::count}, waiting);
  return report;
}

}  // namespace doorstep
