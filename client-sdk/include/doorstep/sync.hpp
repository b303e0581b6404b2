// Syncing a replica with its hub: sends what is in the outbox, receives what changed, and says how
// it went. An app runs one on a thread of its own, beside the Replica that it reads and writes.
//
//   auto sync = doorstep::Sync::open("village.db");
//   if (sync) {
//     auto report = sync.value()->run();
//     if (report && report->up_to_date) { /* nothing pending, digests equal */ }
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <doorstep/replica.hpp>

#include "engine/core/result.hpp"
#include "engine/session/sync_progress.hpp"
#include "engine/session/traffic.hpp"

namespace doorstep {

/// Totals over all connections of one run.
struct SyncReport {
  std::uint64_t pushed = 0;  ///< transactions that became durable at the hub
  std::uint64_t pulled = 0;  ///< rows received
  std::uint64_t rows_written = 0;
  std::uint64_t rows_removed = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t rejected = 0;
  /// Times that this phone turned out to be a copy of another, or to be restored from a backup, and
  /// went on as a device of its own; and what only it had: kept at the hub for a person and here
  /// among the rejected, counted in `rejected` too.
  std::uint32_t forks = 0;
  std::uint64_t set_aside = 0;
  /// The hub turned out to have been restored from a backup, or begun anew; and how many
  /// transactions this phone offered to it again, or for the first time.
  bool hub_restored = false;
  bool hub_reset = false;
  std::uint64_t offered_again = 0;
  std::uint64_t left_waiting = 0;  ///< unsent when the hub was begun anew: wait for a person
  std::uint64_t reconciles = 0;    ///< comparisons with the hub bucket by bucket
  std::uint64_t healed = 0;        ///< rows that differed from the hub's, found by those
  std::uint32_t connections = 0;
  std::uint64_t bytes_sent = 0;  ///< with frame headers, without TCP's and TLS's
  std::uint64_t bytes_received = 0;
  Traffic traffic;          ///< the same bytes by what they were for
  bool up_to_date = false;  ///< nothing pending, checkpoint applied, digests equal
  /// SyncOptions::bytes_max was used up, or what comes next did not fit into what was left of it:
  /// so many transactions are not at the hub yet, and so many rows wait there, an estimate; no
  /// value: the budget was over before the hub could say.
  bool budget_used = false;
  std::uint64_t transactions_waiting = 0;
  std::optional<std::uint64_t> rows_waiting;
};

/// What a sync would come to, before it is begun and without calling the hub. All bytes are
/// estimates, by what earlier syncs of this replica weighed.
struct SyncEstimate {
  std::uint64_t transactions = 0;    ///< to send
  std::uint64_t bytes_greeting = 0;  ///< of a connection that has nothing to do
  std::uint64_t bytes_up = 0;        ///< of the transactions; before the first sync an upper bound
  /// That waited at the hub when a budget ran out last; what came there since is not in it. No
  /// value: not known.
  std::optional<std::uint64_t> rows;
  std::optional<std::uint64_t> bytes_down;  ///< of those rows
};

/// What a run tells while it goes on. All are called on the thread of run(); any may be empty; none
/// may block for long.
struct SyncObserver {
  std::function<void(const SyncProgress&)> progress;
  std::function<void()> rows_changed;                 ///< a checkpoint was applied
  std::function<void(const SyncReport&)> up_to_date;  ///< live: each time it is reached
  std::function<void(const Error&, std::int64_t retry_ms)> retry;  ///< why, and when again
};

struct SyncOptions {
  std::string server;          ///< another address of the same hub; empty: the replica's own
  bool live = false;           ///< stay connected, and reconnect, until stopped
  std::uint32_t attempts = 3;  ///< connections to try when not live, with backoff between
  Synchronous synchronous = Synchronous::full;
  /// Read every row here first (else once a day): what was damaged behind the SDK's back is found
  /// and healed.
  bool verify = false;
  /// What all connections of this run together may weigh on the wire, both ways, with frame
  /// headers, without TCP's and TLS's: never passed. Own work goes first, the oldest first, then
  /// what changed at the hub, and nothing is begun that cannot fit. The next run goes on from
  /// there. It takes a round trip for each message. At least limits::budget_bytes_min; not with
  /// `live` (error usage).
  std::optional<std::uint64_t> bytes_max = {};
  SyncObserver observer;
};

/// Threads: run() on one thread at a time; wake() and stop() from any.
class Sync {
 public:
  /// Takes the replica's sync lock until this object ends: only one process syncs a replica at a
  /// time. Errors: already_syncing, and those of Replica::open; the hub is not called yet.
  [[nodiscard]] static Result<std::unique_ptr<Sync>> open(const std::string& path,
                                                          SyncOptions options = {});
  virtual ~Sync() = default;

  /// Blocks until up to date (live: until stopped). Whatever ends it, all that the report counts is
  /// durable here and, for `pushed`, at the hub; the next run goes on from there. Errors:
  /// unreachable, link_lost, timeout, tls_failed, hub_untrusted, device_revoked, hub_too_old,
  /// budget_too_small (nothing at all fitted; the detail says what would) and others of the
  /// catalogue. A budget that is used up is no error: SyncReport::budget_used.
  [[nodiscard]] virtual Result<SyncReport> run() = 0;

  /// Not while run() is under way. Errors: io_error, corrupt.
  [[nodiscard]] virtual Result<SyncEstimate> estimate() = 0;

  /// As far as the current or last run came, also when it failed. Thread of run() only.
  [[nodiscard]] virtual const SyncReport& report() const = 0;

  /// Live: there is something to send. Writes by other processes are noticed within 100 ms anyway.
  virtual void wake() = 0;

  /// Ends run() soon, between two steps, with what is durable kept. Stays in force.
  virtual void stop() = 0;

 protected:
  Sync() = default;
};

}  // namespace doorstep
