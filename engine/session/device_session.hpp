// The device's half of one connection, sans I/O: frames and time in, frames and events out; it
// reads and writes the replica through DeviceStore. A new object for every connection.
//
// Deterministic: same store, inputs and times give the same effects. Not thread-safe: one owner.
// Never blocks on the network; may commit to the store inside step(). Effects speak only of what
// has been committed. On an effect Close the session is over: drop it and, if wanted, make a new
// one.
//
// Hello (or Again), pushes and the pull are sent one after another on the hub's first message,
// unless an earlier connection broke over a push, or the process was killed over one: then they
// wait for Welcome. What the app commits meanwhile is pushed when LocalCommit says so, or at the
// latest before UpToDate; a session that is not live then pulls again, so that its last checkpoint
// includes everything it pushed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/ports/device_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/session/parting.hpp"
#include "engine/session/sync_progress.hpp"
#include "engine/session/traffic.hpp"
#include "engine/wire/frame.hpp"

namespace doorstep {

namespace device_input {
struct Frame {
  ByteView bytes;
};                      ///< a whole binary frame; valid during the call
struct LocalCommit {};  ///< the app wrote something: there may be more to push
struct Timer {};        ///< next_deadline() has passed
struct Sent {};         ///< after MoreToSend: the frames given so far are on their way
struct Stop {};         ///< the app wants to end: finish what is durable and close
}  // namespace device_input
using DeviceInput = std::variant<device_input::Frame, device_input::LocalCommit,
                                 device_input::Timer, device_input::Sent, device_input::Stop>;

namespace device_effect {
struct SendFrame {
  Bytes bytes;
};
/// The next push is made when step(Sent) asks for it, so that the hub merges one while another is
/// compressed here.
struct MoreToSend {};
struct Progress {
  SyncProgress progress;
};
struct CheckpointApplied {
  Applied applied;
};  ///< a checkpoint was applied: rows may have changed
struct Acknowledged {
  Ack ack;
};                   ///< durable at the hub; recorded here
struct UpToDate {};  ///< nothing pending, checkpoint applied, digests equal
struct RetryAfter {
  std::int64_t ms;
};  ///< the hub is busy; comes before Close
/// The budget is used up, or what comes next does not fit into what is left of it. What was done
/// stays, and another connection goes on from there. Comes before Close, which has no error then.
struct BudgetUsed {
  std::uint64_t transactions = 0;     ///< not yet durable at the hub
  std::optional<std::uint64_t> rows;  ///< still to come, an estimate; no value: not asked yet
  std::uint64_t enough = 0;  ///< a budget with which this connection had come one step further
};
struct HubRestored {
  bool reset = false;
  std::uint64_t offered = 0;  ///< transactions that are sent again, or for the first time
  std::uint64_t waiting = 0;  ///< unsent at a reset: kept for a person
};                            ///< the hub has lost something; noted here. Comes before ComeAgain
struct ComeAgain {};          ///< connect anew at once, whatever Close says; comes before it
struct Close {
  std::optional<Error> error;
};  ///< last effect; no error: done as asked
}  // namespace device_effect
using DeviceEffect =
    std::variant<device_effect::SendFrame, device_effect::MoreToSend, device_effect::Progress,
                 device_effect::CheckpointApplied, device_effect::Acknowledged,
                 device_effect::UpToDate, device_effect::RetryAfter, device_effect::BudgetUsed,
                 device_effect::HubRestored, device_effect::ComeAgain, device_effect::Close>;

/// What a device in this state asks of its hub: where it stands, what it expects to see, and what
/// of that is new to it. The scan is left out when the staged batches answer another question; they
/// are to be dropped then. `include`, `live` and `credit` are the caller's.
[[nodiscard]] Pull next_pull(const DeviceState& own);
/// What begins a reconcile: the sums of all that it holds.
[[nodiscard]] Result<Pull> reconcile_pull(DeviceStore& store, const DeviceState& own);

class DeviceSession {
 public:
  struct Options {
    bool live = false;  ///< stay connected; otherwise Close after UpToDate
    Bytes binding;      ///< SHA-256 of the TLS certificate seen, empty on ws://
    std::string software = "doorstep";
    std::function<ClockProbe()> read_clocks;  ///< the device's clocks; called inside step()
    /// Bytes free of its storage, at most 2^63 - 1; called inside step(). Without it, or when it
    /// gives none, the hub is told that this is not known.
    std::function<std::optional<std::uint64_t>()> read_free_bytes = {};
    int compression_level = 3;  ///< zstd; 0 sends plain
    /// What this connection may weigh on the wire, both ways, as traffic() counts it. It is never
    /// passed. Own work goes first, oldest first, then what changed at the hub; one question at a
    /// time, so it takes more round trips. Not with `live`.
    std::optional<std::uint64_t> bytes_max = {};
    /// The newest own transaction that was sent on an earlier connection, as the hub counts them.
    /// When it was not acknowledged the hub may have it: then nothing is pushed before Welcome says
    /// so, which costs a round trip and saves a batch. Only a hint: zero is never wrong.
    Sequence sent_before = {};
    /// Told before the first of several pushes leaves: own transactions through here may be on
    /// their way from now on. What was kept of it comes as `marked_before` of the next connection,
    /// also when this process is killed meanwhile; then the same holds as for `sent_before`.
    /// Without it one batch alone leaves before Welcome, and a killed process sends that again.
    std::function<Status(Sequence)> keep_mark = {};
    Sequence marked_before = {};
    /// calling_now(), with which this connection was asked for; the hub may remember the device
    /// then.
    std::optional<Calling> calling = {};
    /// A fresh device id and key pair, for a phone that turns out to be a copy of another. Without
    /// it such a phone is told device_forked and stays as it is.
    std::function<Successor()> new_identity = {};
  };

  DeviceSession(DeviceStore& store, LogSink& log, Options options);
  ~DeviceSession();

  /// `now` is a clock that cannot go back (the boot clock in production); it drives time-outs only.
  [[nodiscard]] std::vector<DeviceEffect> step(Instant now, const DeviceInput& input);
  /// Earliest `now` at which step(Timer) is wanted; nullopt when idle. Before the first step it is
  /// zero: step once to arm the time-outs.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  /// Of this connection, by counts alone: without percent and seconds.
  [[nodiscard]] const SyncProgress& progress() const;
  /// Every frame that step() took or gave so far.
  [[nodiscard]] const Traffic& traffic() const;
  /// For Options::sent_before of the next connection.
  [[nodiscard]] Sequence sent_through() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a device says of itself when it asks for a connection with these options: its clocks are
/// read. `secret` is fresh random for this connection. No value: it and its hub have no key in
/// common, and it says nothing.
[[nodiscard]] Result<std::optional<Calling>> calling_now(DeviceStore& store,
                                                         const DeviceSession::Options& options,
                                                         const Nonce& secret);

}  // namespace doorstep
