#include "engine/session/collect_dead.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/session/hub_session.hpp"

namespace doorstep {
namespace {

struct Watermark {
  Position passed;
  std::size_t devices = 0;
};

// Up to where the slowest device that sees a scope has come. A scope that nobody sees waits for
// nobody.
Result<std::map<ScopeId, Watermark>> watermarks(HubSnapshot& snapshot) {
  std::map<ScopeId, Watermark> marks;
  DS_ASSIGN(const auto tree, snapshot.scope_tree());
  DS_ASSIGN(const auto devices, snapshot.devices());
  for (const DeviceRecord& device : devices) {
    if (device.revoked) continue;
    const Position settled = settled_by(device);
    for (const ScopeId& scope : visible_scopes(device.scopes, tree)) {
      const auto [mark, first] = marks.try_emplace(scope, Watermark{settled, 0});
      mark->second.passed = std::min(mark->second.passed, settled);
      ++mark->second.devices;
    }
  }
  return marks;
}

struct Plan {
  std::vector<CollectReport::Scope> scopes;
  Position old;
};

Result<Plan> plan_of(HubStore& store, Instant now) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto marks, watermarks(*snapshot));
  DS_ASSIGN(const auto scopes, snapshot->feed_scopes());
  DS_ASSIGN(const std::int64_t horizon, snapshot->horizon_ms());
  Plan plan;
  DS_ASSIGN(plan.old, snapshot->committed_by(now + -horizon));
  for (const ScopeId& scope : scopes) {
    const auto mark = marks.find(scope);
    CollectReport::Scope entry;
    entry.scope = scope;
    entry.passed = mark == marks.end() ? snapshot->head() : std::max(mark->second.passed, plan.old);
    if (DS_DEFECT("tombstone_dropped_early")) entry.passed = snapshot->head();
    entry.devices = mark == marks.end() ? 0 : mark->second.devices;
    plan.scopes.push_back(std::move(entry));
  }
  return plan;
}

void add(Collected& sum, const Collected& more) {
  sum.tombstones += more.tombstones;
  sum.departures += more.departures;
  sum.conflicts += more.conflicts;
}

class Run {
 public:
  Run(HubStore& store, Instant now, const CollectOptions& options)
      : store_(store), now_(now), options_(options) {}

  Status take(CollectReport::Scope& scope, Position old) {
    bool complete = false;
    while (!complete && commits_ < options_.commits_max) {
      DS_ASSIGN(const auto commit, store_.begin());
      const std::size_t count =
          options_.dry_run ? std::numeric_limits<std::size_t>::max() : options_.items_per_commit;
      DS_ASSIGN(const Collected taken, commit->collect({scope.scope, scope.passed, old, count}));
      complete = taken.complete;
      add(scope.collected, taken);
      if (options_.dry_run || taken.count() == 0) continue;  // the commit is undone
      DS_TRY(commit->commit(now_, options_.new_token()));
      ++commits_;
    }
    complete_ = complete_ && complete;
    return {};
  }
  [[nodiscard]] std::size_t commits() const { return commits_; }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  HubStore& store_;
  Instant now_;
  const CollectOptions& options_;
  std::size_t commits_ = 0;
  bool complete_ = true;
};

}  // namespace

Position settled_by(const DeviceRecord& device) {
  const Position said = device.merged >= device.last ? device.cursor : device.settled;
  // A first load begins after the enrolment.
  return std::max(said, device.enrolled);
}

void note_call(DeviceRecord& device, Position cursor, Sequence last, std::uint64_t pending) {
  device.settled = settled_by(device);
  device.cursor = cursor;
  device.last = last;
  device.pending = pending;
}

Result<CollectReport> collect_dead(HubStore& store, Instant now, const CollectOptions& options) {
  DS_ASSIGN(Plan plan, plan_of(store, now));
  CollectReport report;
  Run run(store, now, options);
  for (CollectReport::Scope& scope : plan.scopes) {
    DS_TRY(run.take(scope, plan.old));
    add(report.total, scope.collected);
    if (scope.collected.count() > 0) report.scopes.push_back(std::move(scope));
  }
  report.commits = run.commits();
  report.complete = run.complete();
  return report;
}

}  // namespace doorstep
