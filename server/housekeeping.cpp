#include "server/housekeeping.hpp"

#include <algorithm>
#include <string>

#include "engine/session/collect_dead.hpp"
#include "engine/session/settle_quarantine.hpp"

namespace doorstep {

template <class Work>
bool Housekeeping::attempt(std::string_view failed, const Work& work) {
  try {
    const Status done = work();
    if (done) return true;
    log_.write(LogLevel::warning, failed, {{"error", done.error().text()}});
  } catch (const std::exception& e) {
    log_.write(LogLevel::error, failed, {{"what", e.what()}});
  }
  return false;
}

void Housekeeping::turn(Instant now) {
  if (now - collected_ >= limits::collect_interval_ms) {
    if (!attempt("collect_failed", [&] { return collect(now); })) collected_ = now;
    return;
  }
  const bool due = unread_.empty() && now - checked_ >= limits::check_interval_ms;
  if (due && !attempt("check_failed", [&] { return begin_check(now); })) checked_ = now;
  if (unread_.empty()) return;
  const ScopeId scope = unread_.back();
  unread_.pop_back();
  attempt("check_failed", [&] { return check(scope, now); });
}

// Scope by scope, so that a push that comes in the meantime waits for one village at most.
Status Housekeeping::begin_check(Instant now) {
  DS_ASSIGN(const auto snapshot, store_.snapshot());
  DS_ASSIGN(unread_, snapshot->feed_scopes());
  std::reverse(unread_.begin(), unread_.end());
  checked_ = now;
  read_ = 0;
  differing_ = 0;
  return {};
}

Status Housekeeping::check(const ScopeId& scope, Instant now) {
  bool differs = false;
  {
    DS_ASSIGN(const auto snapshot, store_.snapshot());
    DS_ASSIGN(const auto running, snapshot->digests({&scope, 1}));
    DS_ASSIGN(const auto scanned, snapshot->scan_digests({&scope, 1}));
    differs = running != scanned;
  }
  ++read_;
  if (differs) {
    ++differing_;
    log_.write(LogLevel::error, "digest_drift", {{"scope", scope.code}});
    DS_TRY(put_counts({scope}, now));
  }
  if (unread_.empty()) {
    log_.write(LogLevel::info, "digests_checked",
               {{"scopes", std::to_string(read_)}, {"differed", std::to_string(differing_)}});
  }
  return {};
}

Status Housekeeping::collect(Instant now) {
  CollectOptions options;
  options.commits_max = 1;
  options.new_token = [this] { return random_.id<CommitToken>(); };
  DS_ASSIGN(const CollectReport report, collect_dead(store_, now, options));
  if (report.complete) {
    collected_ = now;
    // Tried after every push that may have brought what is waited for, unless the hub was killed.
    DS_ASSIGN(const Arrived arrived, admit_arrived(store_, now, random_.id<CommitToken>()));
    if (arrived.count > 0) {
      log_.write(LogLevel::info, "reoffered_admitted",
                 {{"transactions", std::to_string(arrived.count)}});
    }
  }
  if (report.total.count() == 0) return {};
  log_.write(LogLevel::info, "collected",
             {{"tombstones", std::to_string(report.total.tombstones)},
              {"departures", std::to_string(report.total.departures)},
              {"conflicts", std::to_string(report.total.conflicts)}});
  return {};
}

void Housekeeping::recount(const std::set<ScopeId>& scopes, Instant now) {
  attempt("recount_failed", [&] { return put_counts(scopes, now); });
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
