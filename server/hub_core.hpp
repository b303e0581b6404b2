// What all connections of one hub share: its store, the merge writer, the reader threads and the
// registry of sessions. Answers of other threads come back to the network thread through `post`, so
// that everything said about a session is said from one thread.
//
// Every member is called from the network thread unless it says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "engine/ports/hub_store.hpp"
#include "engine/session/hub_session.hpp"
#include "server/connected_devices.hpp"
#include "server/hub_time.hpp"
#include "server/merge_writer.hpp"
#include "server/session_registry.hpp"

namespace doorstep {

class SessionDriver;

class HubCore {
 public:
  /// All must live longer than the HubCore; log and random must be thread-safe.
  struct Ports {
    HubStore& store;
    LogSink& log;
    const HubTime& time;
    Random& random;
    /// True when another process has committed since the last call; may be empty. Called by the
    /// writer's thread only.
    std::function<bool()> poll_elsewhere = {};
    /// Told of who comes and goes; may be null.
    ConnectedDevices* connected = nullptr;
  };
  /// Runs a function on the network thread, soon, in the order of the calls. Thread-safe.
  using Post = std::function<void(std::function<void()>)>;

  HubCore(Ports ports, Post post);
  ~HubCore();
  HubCore(const HubCore&) = delete;
  HubCore& operator=(const HubCore&) = delete;

  [[nodiscard]] const Ports& ports() const;
  /// `caller` as the device has called; empty when it has not said who it is.
  [[nodiscard]] HubSession::Options session_options(Bytes binding, std::string_view caller);
  /// Of a connection that is over.
  void remember(ConnectionNumber connection, Parting parting);

  [[nodiscard]] ConnectionNumber join(std::weak_ptr<SessionDriver> driver);
  void leave(ConnectionNumber connection);
  [[nodiscard]] std::size_t connections() const;
  void identified(ConnectionNumber connection, const DeviceId& device,
                  std::vector<ScopeId> visible);

  // Work of other threads; `done` comes on the network thread.
  void look_up(Hello hello, std::function<void(Result<HelloAnswer>)> done);
  void read_feed(FeedQuestion question, std::function<void(Result<FeedAnswer>)> done);
  void merge(PushRequest request, std::function<void(Result<PushResult>)> done);
  void redeem(Enrol enrol, Instant now, std::function<void(Result<DeviceRecord>)> done);
  void succeed(const SuccessorRequest& request, Instant now,
               std::function<void(Result<DeviceRecord>)> done);
  void begin_epoch(const Hello& hello, Instant now, std::function<void(Result<Restored>)> done);
  void salvage(SalvageRequest request, std::function<void(Result<Salvaged>)> done);
  /// When there is nothing more to ask, the comparison is kept before `done`.
  void compare(ComparisonQuestion question, std::function<void(Result<ComparisonAnswer>)> done);
  void heal(const DeviceId& device, Healed healed, std::function<void(Result<HealNoted>)> done);
  void note(ContactNote note);
  void recount(std::vector<ScopeId> scopes);
  /// Lets go what is kept for a while only. To be called now and then.
  void look_after();

  /// Finishes the queued merges and reads; their answers are posted. Blocks; call it from another
  /// thread than the network's.
  void finish_work();
  /// Tells every session that the hub stops.
  void shut_down_sessions();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doorstep
