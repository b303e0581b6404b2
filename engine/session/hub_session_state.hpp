// What a HubSession knows of its connection. A part of HubSession: hub_session.cpp has the pushes
// and the feed, hub_session_hello.cpp how a connection begins.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/session/hub_pull.hpp"
#include "engine/session/hub_session.hpp"
#include "engine/session/push_bytes.hpp"

namespace doorstep {

enum class HubPhase {
  opening,     // before Connected
  greeting,    // Challenge or Remembered is out: Enrol, Hello or Again may come
  looking_up,  // the store is asked about an Enrol, a Hello, a Fork or an epoch; frames that come
               // wait
  open,
  closed
};

/// A request to compare the device: what its first step has found.
struct Comparing {
  std::uint64_t number = 0;
  bool reading = false;     // the store is asked
  bool rows_asked = false;  // the second step
  std::uint64_t buckets = 0;
  std::uint64_t buckets_compared = 0;
};

struct HubSession::State {
  struct Opening {
    Options options;
    Challenge challenge;
    SharedKey key = {};          // with whom it recognises, of this connection
    Remembered remembered = {};  // what it said then
    bool again = false;          // the device said Again
    [[nodiscard]] Call call() const {
      const Recognised& known = *options.recognised;
      return {options.identity.id, known.parting.hello.device, known.caller.fresh, options.binding};
    }
  };

  State(LogSink& log_sink, Options given)
      : log(log_sink),
        encoder(std::move(given.heard_room)),
        feed({given.changes_rows_max, given.changes_bytes_max}) {
    opening = std::make_unique<Opening>(Opening{std::move(given), {}});
  }

  LogSink& log;
  FrameEncoder encoder;
  FrameDecoder decoder;
  HubPhase phase = HubPhase::opening;
  std::vector<HubEffect> effects;
  Instant now;
  Instant opened;
  Instant talked;  // changes were sent

  std::unique_ptr<Opening> opening;  // until the first pull: a quiet connection has no use for it
  std::optional<Hello> hello;        // being looked up, then the one in force
  Instant clock_met;                 // when it came
  PublicKey device_key;
  std::list<Message> early;  // came while the store was being asked
  std::uint64_t early_bytes = 0;

  /// What a device with a byte budget still allows; no value: it has none.
  std::optional<std::uint64_t> answer_bytes;

  PushesWaiting merging;
  std::optional<Sequence>
      stopped_at;                   // the schema here does not know this transaction: none after it
  Fingerprint welcomed_with;        // the hub's schema, as the device was told
  std::optional<ErrorCode> ending;  // revoked or lost: its work is taken, nothing goes down
  bool forked = false;              // a copy: its work is kept for a person
  bool pull_came = false;
  Sequence told;  // durable up to here, as the device knows
  HubPull feed;
  std::vector<ScopeId> visible;
  bool storing = false;                // a salvage is with the merge writer
  bool healing = false;                // a heal report is
  std::optional<Comparing> comparing;  // asked of the device, and not over
  std::uint64_t compared = 0;          // requests through this one were put to the device

  void send(const Message& message, Flow flow = Flow::alone);
  void send_last(ByteView message, Flow flow = Flow::alone);
  void end_over_budget(const OverBudget& what);
  void close(const Error& reason);
  Status close_busy(std::int64_t retry_ms);  ///< ok: there is nothing else to say
  Status on_frame(ByteView bytes);
  Status on_message(const Message& message);
  Status on_enrol(const Enrol& enrol);
  Status on_hello(const Hello& asked);
  Status on_again(const Again& said);
  void send_welcome(const HelloAnswer& answer);
  Status on_push(const Push& push);
  Status on_salvage(const Salvage& salvage);
  void ask_comparison(std::uint64_t number);
  void end_comparison();
  Status on_compared(const Compared& said);
  Status on_healed(const Healed& healed);
  Status on_early();
  Status on(const hub_input::Connected&);
  [[nodiscard]] bool recognises();
  Status on(const hub_input::Frame& frame) { return on_frame(frame.bytes); }
  Status on(const hub_input::HelloLookedUp& looked_up);
  Status on(const hub_input::EnrolDone& enrolled);
  Status on(const hub_input::PushMerged& merged);
  Status on(const hub_input::FeedRead& read);
  Status on(const hub_input::SalvageStored& stored);
  Status on(const hub_input::CompareAsked& asked);
  Status on(const hub_input::DeviceCompared& compared_now);
  Status on(const hub_input::HealKept& kept);
  Status on(const hub_input::Committed& committed);
  Status on(const hub_input::SuccessorDone& done);
  Status on(const hub_input::EpochBegun& begun);
  Status on(const hub_input::Revoked& revoked);
  Status on(const hub_input::SchemaChanged& changed);
  Status on(const hub_input::Timer&);
  Status on(const hub_input::Shutdown&) { return close_busy(limits::shutdown_retry_ms); }
  Status on_fork(const Fork& fork);
  Status begin_fork(const DeviceId& successor);
  Status on_pull(const Pull& pull);
  [[nodiscard]] Status end_when_done() const;
  void tell(const Ack& ack);
  void read_more();
  [[nodiscard]] std::optional<Instant> deadline() const;
};

}  // namespace doorstep
