// A sync from connect to done, as a blocking call: connection, session, reconnects with backoff.
// What the public Sync class and the `doorstep sync` command stand on.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <doorstep/sync.hpp>

#include "client-sdk/src/net/ws_link.hpp"
#include "client-sdk/src/traffic_book.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/device_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"
#include "engine/session/device_session.hpp"

namespace doorstep {

struct SyncRequest {
  HubUrl url;
  bool live = false;           ///< stay connected and reconnect until stopped
  std::uint32_t attempts = 1;  ///< connections to try when not live, with backoff between
  /// Of what goes up. The harness's 10,000 visits, 100 a transaction, took 63.9 bytes each at 6,
  /// 68.1 at 3 and 63.5 at 7, and 3.5, 1.5 and 4.5 us of processor time each.
  int compression_level = 6;
  /// What all connections together may weigh on the wire, both ways. Not with `live`.
  std::optional<std::uint64_t> bytes_max = {};
  Sequence sent_before = {};    ///< DeviceSession::Options::sent_before of the first connection
  Sequence marked_before = {};  ///< likewise
};

/// All called on the thread of run_sync; any may be empty.
struct SyncHooks {
  std::function<void(const SyncProgress&)> on_progress;
  std::function<void(const Applied&)> on_applied;  ///< rows may have changed
  std::function<void(const SyncReport&)> on_up_to_date;
  std::function<void(const Error&, std::int64_t retry_ms)> on_retry;
  /// Live: asked every watch_ms whether another process or thread has written since the last time.
  std::function<bool()> has_local_commit;
  /// At the end of each connection that carried anything.
  std::function<void(const TrafficNote&)> on_traffic;
  /// DeviceSession::Options::keep_mark.
  std::function<Status(Sequence)> keep_mark;
  /// Asked at each connection, for the hub's list of phones: bytes free of the replica's storage.
  std::function<std::optional<std::uint64_t>()> free_bytes;
};

/// How often has_local_commit is asked while live. Writes through the same Replica object wake at
/// once.
inline constexpr std::int64_t watch_ms = 100;

/// Returns when up to date (not live), stopped, or failed. The report holds on failure as well. On
/// return everything that it counts is durable here and, for `pushed`, at the hub.
[[nodiscard]] Status run_sync(DeviceStore& store, const Clock& clock, Random& random, LogSink& log,
                              LinkControl& control, const SyncRequest& request,
                              const SyncHooks& hooks, SyncReport& report);

}  // namespace doorstep
