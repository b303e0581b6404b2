#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/collect_dead.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"

namespace doorstep::commands {
namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3'600'000;

Status set_horizon(HubStore& store, std::int64_t days, Instant now, Random& random) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_TRY(commit->put_horizon(days * day_ms));
  return commit->commit(now, random.id<CommitToken>());
}

std::string json_of(const CollectReport& report, std::int64_t horizon_days, bool dry_run) {
  std::string scopes;
  for (const CollectReport::Scope& scope : report.scopes) {
    scopes += (scopes.empty() ? "" : ",") + JsonLine()
                                                .text("scope", scope.scope.code)
                                                .number("passed", scope.passed.value)
                                                .number("devices", std::uint64_t{scope.devices})
                                                .number("tombstones", scope.collected.tombstones)
                                                .number("departures", scope.collected.departures)
                                                .number("conflicts", scope.collected.conflicts)
                                                .done();
  }
  return JsonLine()
      .boolean("dry_run", dry_run)
      .number("horizon_days", horizon_days)
      .number("tombstones", report.total.tombstones)
      .number("departures", report.total.departures)
      .number("conflicts", report.total.conflicts)
      .number("commits", std::uint64_t{report.commits})
      .raw("scopes", "[" + scopes + "]")
      .done();
}

void show(const CollectReport& report, std::int64_t horizon_days, bool dry_run, std::ostream& out) {
  out << (dry_run ? "Would let go of " : "Let go of ") << report.total.tombstones << " tombstones, "
      << report.total.departures << " departures, " << report.total.conflicts
      << " old conflicts (silent devices are waited for " << horizon_days << " days)\n";
  for (const CollectReport::Scope& scope : report.scopes) {
    out << "  scope " << scope.scope.code << ": " << scope.collected.count() << ", "
        << scope.devices << " devices\n";
  }
}

}  // namespace

Status collect(const CollectCommandOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  const SystemTime time;
  OsRandom random;
  if (options.horizon_days > 0 && !options.dry_run) {
    DS_TRY(set_horizon(folder.store(), options.horizon_days, time.now(), random));
  }
  CollectOptions how;
  how.dry_run = options.dry_run;
  how.new_token = [&random] { return random.id<CommitToken>(); };
  DS_ASSIGN(const CollectReport report, collect_dead(folder.store(), time.now(), how));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const std::int64_t horizon, snapshot->horizon_ms());
  if (options.json) {
    terminal.out << json_of(report, horizon / day_ms, options.dry_run) << '\n';
  } else {
    show(report, horizon / day_ms, options.dry_run, terminal.out);
  }
  return {};
}

}  // namespace doorstep::commands
