// What a hub does when nothing else is to be done: takes what no device needs any more out of its
// feeds, and reads the rows once a day, for a damaged row shows in no running sum (SEMANTICS E2).
// Sums that turn out not to be those of the rows are counted again. The merge writer's thread only.
#pragma once

#include <set>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

class Housekeeping {
 public:
  /// The first collection and the first reading are due limits::collect_interval_ms after
  /// `started`, so that a hub which is restarted every day reads its rows, too. All must live
  /// longer.
  Housekeeping(HubStore& store, LogSink& log, Random& random, Instant started)
      : store_(store),
        log_(log),
        random_(random),
        collected_(started),
        checked_(started + (limits::collect_interval_ms - limits::check_interval_ms)) {}

  /// At most one small commit, or one scope read. Failures are logged and tried again at the next
  /// interval.
  void turn(Instant now);
  void recount(const std::set<ScopeId>& scopes, Instant now);

 private:
  /// Logs a failure of `work`; true when there was none.
  template <class Work>
  bool attempt(std::string_view failed, const Work& work);
  [[nodiscard]] Status collect(Instant now);
  [[nodiscard]] Status begin_check(Instant now);
  [[nodiscard]] Status check(const ScopeId& scope, Instant now);
  [[nodiscard]] Status put_counts(const std::set<ScopeId>& scopes, Instant now);

  HubStore& store_;
  LogSink& log_;
  Random& random_;
  Instant collected_;  // nothing was left then
  Instant checked_;    // the last reading of all rows began then
  std::vector<ScopeId> unread_;
  std::size_t read_ = 0;       // scopes, in this reading
  std::size_t differing_ = 0;  // of them
};

}  // namespace doorstep
