// Taking tombstones, departures and old conflicts out of a hub's feed once nobody needs them
// (SEMANTICS D4): every live device that sees a scope has passed them, by the cursor that it said
// when it last called (at least by its enrolment), and so has the work that it has still to send;
// or they are older than the horizon. A revoked device is not waited for.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

struct CollectOptions {
  bool dry_run = false;  ///< counts, and undoes everything
  std::size_t items_per_commit = limits::collect_items_per_commit;
  std::size_t commits_max = std::numeric_limits<std::size_t>::max();
  /// A fresh random token for each commit.
  std::function<CommitToken()> new_token;
};

struct CollectReport {
  struct Scope {
    ScopeId scope;
    Position passed;  ///< what was allowed to go
    Collected collected;
    std::size_t devices = 0;  ///< that see it and are waited for
    friend bool operator==(const Scope&, const Scope&) = default;
  };
  std::vector<Scope> scopes;  ///< from which something went; ascending
  Collected total;
  std::size_t commits = 0;
  bool complete = true;  ///< false: stopped at commits_max with something left
};

/// The position that a device and all that it has still to send have seen: what it said when it
/// last called once everything that it had then is durable, else what was so before; never less
/// than its enrolment.
[[nodiscard]] Position settled_by(const DeviceRecord& device);

/// What a device says when it calls, into what is kept of it.
void note_call(DeviceRecord& device, Position cursor, Sequence last, std::uint64_t pending);

/// Ends when nothing is left to take, after commits_max, or at the first error; what was committed
/// before stays. Each commit is small, so that others get their turn.
[[nodiscard]] Result<CollectReport> collect_dead(HubStore& store, Instant now,
                                                 const CollectOptions& options);

}  // namespace doorstep
