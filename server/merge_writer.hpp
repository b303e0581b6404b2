// The one thread that writes to the hub's store: pushes of many devices in one commit, enrolments,
// and what devices said when they called. It also looks whether another process has changed the
// database
// (`doorstepd enrol` or `revoke` beside `serve`), since it owns the connection that can tell.
//
// Why polling and not a control socket: one PRAGMA that costs microseconds notices every writer
// there is, also `sqlite3` by hand, needs no second protocol, and leaves nothing behind after a
// crash.
//
// Another thread reads the pushes that come next while it is at work (merge_queue.hpp).
//
// Bounded: requests beyond limits::merge_queue_bytes_max are answered with hub_busy in their turn
// and their bytes are let go at once; what is read ahead is no more than one commit's. Every
// request is answered exactly once, in the order of submission.
//
// When idle it also keeps house: once in limits::collect_interval_ms it takes what no device needs
// any more out of the feeds, one small commit at a time, and once a day it reads all rows against
// their running sums, one scope at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"
#include "engine/session/compare_device.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/session/store_salvage.hpp"
#include "server/contact_notes.hpp"
#include "server/hub_time.hpp"

namespace doorstep {

class MergeWriter {
 public:
  using PushDone = std::function<void(Result<PushResult>)>;
  using EnrolDone = std::function<void(Result<DeviceRecord>)>;
  using EpochDone = std::function<void(Result<Restored>)>;
  using SalvageDone = std::function<void(Result<Salvaged>)>;
  using HealDone = std::function<void(Result<HealNoted>)>;
  using KeepDone = std::function<void(Status)>;

  /// A commit that changed feeds.
  struct Committed {
    Position head;
    std::vector<ScopeId> touched;  ///< ascending, each once
    bool tree_changed = false;
    std::set<DeviceId> authors;
  };
  /// All run on the writer's thread; they must not throw and not block. An empty one is not called.
  struct Hooks {
    /// Before its results are delivered: others wait for the changes, an author for no more than
    /// the ack. Told in the same order in which they are called.
    std::function<void(const std::shared_ptr<const Committed>&)> committed;
    /// The same once they were: an author who hears of it earlier would read in vain.
    std::function<void(const std::shared_ptr<const Committed>&)> delivered;
    /// True when another process has committed since the last call.
    std::function<bool()> poll_elsewhere;
    std::function<void()> changed_elsewhere;
  };

  /// Starts both threads. `random` must be thread-safe; everything referred to must live longer.
  MergeWriter(HubStore& store, LogSink& log, const HubTime& time, Random& random, Hooks hooks);
  /// stop(), if that was not called.
  ~MergeWriter();
  MergeWriter(const MergeWriter&) = delete;
  MergeWriter& operator=(const MergeWriter&) = delete;

  /// Thread-safe, never blocks on the store. `done` runs on the writer's thread. After stop() every
  /// request is answered with hub_busy, on the caller's thread.
  void push(PushRequest request, PushDone done);
  void redeem(Enrol enrol, Instant now, EnrolDone done);
  void succeed(const SuccessorRequest& request, Instant now, EnrolDone done);
  void begin_epoch(const Hello& hello, Instant now, EpochDone done);
  void salvage(SalvageRequest request, SalvageDone done);
  void heal(const DeviceId& device, Healed healed, HealDone done);
  /// The answer to the request with this number.
  void keep(const DeviceId& device, std::uint64_t number, DeviceComparison found, KeepDone done);
  /// Written when there is nothing else to do; only the newest note of a device counts.
  void note(ContactNote note);
  /// The running sums of these scopes are not those of their rows: counted again soon.
  void recount(std::vector<ScopeId> scopes);
  /// Calls `then` once the pushes of this device that were submitted before it are answered, on the
  /// writer's thread, or when that takes longer than push_wait_ms_max. When none waits it is called
  /// at once, on the caller's thread. It must not throw and not block.
  void after_pushes(const DeviceId& device, const std::function<void()>& then);
  /// Half of what a phone has from connecting to welcome (limits::handshake_ms_max).
  static constexpr std::int64_t push_wait_ms_max = 10'000;

  /// Finishes and answers all that was submitted before, then ends the threads. Blocks until then.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doorstep
