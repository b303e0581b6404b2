// What a hub does when nothing else is to be done: takes what no device needs any more out of its
// feeds, and counts running sums again that turned out not to be those of the rows. The merge
// writer's thread only.
#pragma once

#include <set>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

class Housekeeping {
 public:
  /// The first collection is due limits::collect_interval_ms after `started`. All must live longer.
  Housekeeping(HubStore& store, LogSink& log, Random& random, Instant started)
      : store_(store), log_(log), random_(random), collected_(started) {}

  /// At most one small commit. Failures are logged and tried again at the next interval.
  void turn(Instant now);
  void recount(const std::set<ScopeId>& scopes, Instant now);

 private:
  [[nodiscard]] Status collect(Instant now);
  [[nodiscard]] Status put_counts(const std::set<ScopeId>& scopes, Instant now);

  HubStore& store_;
  LogSink& log_;
  Random& random_;
  Instant collected_;  // nothing was left then
};

}  // namespace doorstep
