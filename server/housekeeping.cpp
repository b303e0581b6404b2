#include "server/housekeeping.hpp"

#include <string>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/session/collect_dead.hpp"

namespace doorstep {

void Housekeeping::turn(Instant now) {
  if (now - collected_ < limits::collect_interval_ms) return;
  try {
    const Status done = collect(now);
    if (done) return;
    log_.write(LogLevel::warning, "collect_failed", {{"error", done.error().text()}});
  } catch (const std::exception& e) {
    log_.write(LogLevel::error, "collect_failed", {{"what", e.what()}});
  }
  collected_ = now;
}

Status Housekeeping::collect(Instant now) {
  CollectOptions options;
  options.commits_max = 1;
  options.new_token = [this] { return random_.id<CommitToken>(); };
  DS_ASSIGN(const CollectReport report, collect_dead(store_, now, options));
  if (report.complete) collected_ = now;
  if (report.total.count() == 0) return {};
  log_.write(LogLevel::info, "collected",
             {{"tombstones", std::to_string(report.total.tombstones)},
              {"departures", std::to_string(report.total.departures)},
              {"conflicts", std::to_string(report.total.conflicts)}});
  return {};
}

void Housekeeping::recount(const std::set<ScopeId>& scopes, Instant now) {
  try {
    if (const Status done = put_counts(scopes, now); !done) {
      log_.write(LogLevel::warning, "recount_failed", {{"error", done.error().text()}});
    }
  } catch (const std::exception& e) {
    log_.write(LogLevel::error, "recount_failed", {{"what", e.what()}});
  }
}

Status Housekeeping::put_counts(const std::set<ScopeId>& scopes, Instant now) {
  const std::vector<ScopeId> all(scopes.begin(), scopes.end());
  DS_ASSIGN(const auto commit, store_.begin());
  DS_TRY(commit->recount_digests(all));
  DS_TRY(commit->commit(now, random_.id<CommitToken>()));
  for (const ScopeId& scope : all) {
    log_.write(LogLevel::warning, "digest_recounted", {{"scope", scope.code}});
  }
  return {};
}

}  // namespace doorstep
