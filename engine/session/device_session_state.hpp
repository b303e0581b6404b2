// What a DeviceSession knows of its connection. A part of DeviceSession: device_session.cpp has the
// pushes and the pull, device_session_hello.cpp how a connection begins.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/session/device_session.hpp"
#include "engine/session/push_bytes.hpp"
#include "engine/session/salvage_sender.hpp"

namespace doorstep {

enum class DevicePhase { challenge, welcome, forking, open, closed };

struct DeviceSession::State {
  State(DeviceStore& device_store, LogSink& log_sink, Options given)
      : store(device_store), log(log_sink), options(std::move(given)), salvage(device_store) {
    sent_through = options.sent_before;
    marked = options.marked_before;
    if (!options.keep_mark) window = limits::push_bytes_target;
  }

  DeviceStore& store;
  LogSink& log;
  Options options;
  FrameEncoder encoder;
  FrameDecoder decoder;
  DevicePhase phase = DevicePhase::challenge;
  std::vector<DeviceEffect> effects;

  bool started = false;
  Instant now;
  Instant opened;     // the first step
  Instant last_sign;  // of the hub, or when it was asked for one

  PushesWaiting in_flight;                                  // not yet acknowledged
  std::uint64_t window = limits::push_bytes_in_flight_max;  // until Welcome says what
  std::uint32_t credit_owed = 0;  // changes that were taken and not credited yet
  Sequence marked;                // Options::keep_mark was told so
  Sequence pushed;                // the newest sent, or known to be at the hub
  Sequence acknowledged_at_start;
  std::optional<Error> put_off;  // the hub is too old for the next transaction: no more is pushed
  Fingerprint said_schema;       // in Hello: this connection speaks of it
  /// Whom this copy goes on as: the hub puts that on record (Phase::forking), pushes are set aside.
  std::optional<Successor> successor;
  bool held_until_welcome = false;  // pushes and the pull: the hub may have what was sent before
  bool said_again = false;
  bool pulling = false;
  bool more_to_send = false;     // a push, when what was given has left
  bool pull_waits = false;       // for that, or for what is offered again to a restored hub
  bool own_needed = false;       // own rows left out were not those here: until a checkpoint fits
  bool awaits_own = false;       // it is asked for with them: what was under way is not applied
  bool awaits_refill = false;    // a reconcile is asked for: what was under way is not applied
  std::uint32_t reconciles = 0;  // begun on this connection
  SalvageSender salvage;
  std::optional<Compare> compare_waits;    // asked before there was anything to compare
  std::optional<std::uint64_t> comparing;  // sums were sent: the hub has not said that it is over
  std::deque<Message> held_back;           // of the pull: rows stay as they are while comparing
  bool heal_waits = false;                 // for the hub to note what was healed
  bool unfinished = false;                 // a checkpoint is applied and one of these under way
  std::vector<ScopeId> differing;          // at the last checkpoint
  SyncProgress progress;
  SyncProgress shown;
  Traffic traffic;
  Sequence sent_through;   // on any connection so far
  bool repairing = false;  // the pull that is open is a reconcile
  // With a byte budget:
  std::uint64_t answer_allowed = 0;  // to the hub, and what had come of it by then
  std::uint64_t received_when_allowed = 0;
  std::uint64_t push_short_of = 0;  // the next transaction does not fit: it would weigh this
  std::optional<std::uint64_t> rows_to_come;  // as the hub said last

  void send(const Message& message, Flow flow = Flow::alone);
  [[nodiscard]] TrafficReason reason_here(const Message& message) const;
  void estimate_bytes();

  // device_session_budget.cpp: what a budget changes.
  [[nodiscard]] std::uint64_t budget_left() const;
  Status greet_within(Hello hello, const std::optional<Fork>& fork);
  Status go_on();
  Result<std::optional<Push>> push_that_fits();
  Status ask_within(Pull request);
  Status give_credit();
  Status finish_within(const DeviceState& own);
  Result<bool> hand_over();
  Status on_over_budget(const OverBudget& said);
  std::uint64_t allow(std::uint64_t bytes);
  /// Ends here: the next step needs so much, and so much is left for it.
  Status run_out(std::uint64_t needs, std::uint64_t available);
  void close(std::optional<Error> reason);
  Status fail(const Error& reason, bool tell_hub);  ///< ok: there is nothing else to say
  Status on_input(const DeviceInput& input);
  Status on_frame(ByteView bytes);
  Status on_message(Message message);
  Status on_challenge(const Challenge& challenge);
  Status on_remembered(const Remembered& said);
  Result<Hello> own_hello(const DeviceState& own);
  void begin_talk(const DeviceState& own);
  Status greet(const DeviceState& own, Hello hello, const Challenge& challenge);
  [[nodiscard]] bool may_say_again(const DeviceState& own) const;
  Status on_as_before(const AsBefore& said);
  Status on_welcome(const Welcome& welcome);
  Status on_forked(const Forked& forked);
  Status on_restored(const Restored& restored);
  Status on_ack(const Ack& ack);
  Status on_changes(Changes changes);
  Status on_restart(const Restart& restart);
  Status on_salvaged(const Salvaged& confirmed);
  Status on_compare(const Compare& asked);
  Status hold_back(const Message& message);
  Status end_comparison();
  Status answer_comparison();
  Status send_healed();
  Status on_heal_noted(const HealNoted& noted);
  [[nodiscard]] bool owes_answers() const {
    return salvage.waits() || comparing.has_value() || heal_waits;
  }
  Status pull_own(const Applied& refused);
  Status after_checkpoint(const Applied& applied);
  Status finish();
  Status push_more();
  Status send_push(const Push& push, Sequence last);
  Status keep_mark(Sequence last);
  void took_changes();
  Status send_salvage();
  Status pull();
  Status ask(Pull request);
  Status succeed();
  Status reconcile();
  Result<DeviceState> own_state();
  [[nodiscard]] std::optional<Instant> deadline() const;
};

}  // namespace doorstep
