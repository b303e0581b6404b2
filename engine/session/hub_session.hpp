// The hub's half of one connection, sans I/O. It decides what is said; merging and reading are
// asked for as effects and come back as inputs, because the hub runs them on other threads and for
// many sessions at once. One object per connection, one owner, not thread-safe, deterministic.
//
// Bounded: at most one feed read is out at a time, at most Pull.credit Changes are in flight, and a
// device that sends more than limits::push_bytes_in_flight_max unacknowledged is closed with
// credit_exceeded (one push alone may be larger).
//
// A pull that is not live ends with its checkpoint; another may follow. A live one stays: after its
// first checkpoint the hub sends a new one whenever something in sight was committed, and always
// after it merged a push of this device, also when that changed nothing; so a live device never
// asks again. A pull that cannot be continued, because what it needs was collected, is answered
// with Restart. After an outcome not_yet (SEMANTICS D5) the pushes behind it are not answered.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/session/compare_device.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/session/parting.hpp"
#include "engine/session/store_salvage.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// What Hello asks of the store, and the answer; looked up by the shell in one snapshot.
struct HelloAnswer {
  std::optional<DeviceRecord> device;       ///< nullopt: unknown here
  std::optional<CommitToken> cursor_token;  ///< the hub's token at Hello.cursor
  Position head;
  std::vector<ScopeId> visible;      ///< closure of the granted scopes (visible_scopes())
  Fingerprint schema;                ///< the hub's newest
  bool schema_known = true;          ///< the hub has, or had, the device's
  std::string schema_text;           ///< of the newest; only when the device lacks it
  std::vector<PastIdentity> before;  ///< who the device was; newest first
  std::uint64_t epoch = 0;           ///< of the hub, as of that snapshot
  std::uint64_t compare = 0;  ///< number of a request to compare the device that waits; zero: none
  bool unaware = false;       ///< as is_unaware_of_reset()
  std::vector<TransactionRecord> outcomes;  ///< of all that is merged and Hello did not know of
};

/// A read of the feed with what a checkpoint needs, all from one snapshot.
struct FeedAnswer {
  Changes changes;  ///< what the device is to be sent, without `next` and checkpoint
  bool complete = false;
  ScanPoint next;  ///< where to go on when it is not
  Position head;
  CommitToken token;
  Sequence included;  ///< of this device, in that snapshot
  std::vector<TransactionRecord>
      outcomes;                 ///< of sequences in (FeedQuestion.acknowledged, included]
  std::vector<Digest> digests;  ///< in the order of `visible`; only when complete
  /// Something that the device has not heard of was collected: nothing else is answered.
  bool below_floor = false;
  std::vector<ScopeId> drifted;  ///< of a reconcile: running sums that are not those of the rows
  Position backed_up;            ///< a copy of the hub is known to hold all through here
  /// Of a shared load: the Changes as a frame that stands alone, for other devices as well. Then
  /// `complete` is false and `changes` may be empty.
  std::shared_ptr<const Bytes> frame;
};
struct FeedQuestion {
  FeedRequest request;
  Sequence acknowledged;    ///< what this connection has been told so far
  Fingerprint schema = {};  ///< the device's: it is told of what that one knows only
  /// The grants that `request.scopes` comes from; a checkpoint of other grants is error busy. Not
  /// asked when nullopt.
  std::optional<Position> granted_since = {};
  std::optional<std::vector<BucketSums>> sums = {};  ///< begins a reconcile
  std::optional<Refill> refill = {};                 ///< goes on with one
  /// A device that has nothing and has sent nothing asks: every device that sees the same at the
  /// same place of the feed may have the same answer, if it is not the last, as one frame.
  bool shareable = false;
};

namespace hub_input {
struct Connected {};  ///< the socket is open: say Challenge
struct Frame {
  ByteView bytes;
};
struct HelloLookedUp {
  Result<HelloAnswer> answer;
};
struct EnrolDone {
  Result<DeviceRecord> device;
  std::string schema_text = {};  ///< the newest as of that commit
};
struct PushMerged {
  Result<PushResult> result;
};  ///< answers MergePush, in order
struct FeedRead {
  Result<FeedAnswer> answer;
};  ///< answers ReadFeed
struct SalvageStored {
  Result<Salvaged> stored;
};  ///< answers StoreSalvage
struct CompareAsked {
  std::uint64_t number = 0;
};  ///< somebody at the hub wants to know what the device holds
struct DeviceCompared {
  Result<ComparisonAnswer> answer;
};  ///< answers CompareDevice; when it was the last, once it is kept
struct HealKept {
  Result<HealNoted> noted;
};  ///< answers NoteHealed
struct Committed {
  Position head;
  bool scopes_changed = false;
};  ///< somebody's commit touched a scope of this session
struct SuccessorDone {
  Result<DeviceRecord> device;
};  ///< answers RegisterSuccessor
struct EpochBegun {
  Result<Restored> restored;
};  ///< answers BeginEpoch
struct Revoked {
  bool lost = false;
};  ///< the device was revoked, or reported lost: close
struct SchemaChanged {
  Fingerprint newest;
};  ///< a device that was welcomed with another is to come again and hear of it
struct Timer {};
struct Shutdown {};  ///< the hub stops: tell the device when to come back
}  // namespace hub_input
using HubInput =
    std::variant<hub_input::Connected, hub_input::Frame, hub_input::HelloLookedUp,
                 hub_input::EnrolDone, hub_input::SuccessorDone, hub_input::PushMerged,
                 hub_input::FeedRead, hub_input::SalvageStored, hub_input::CompareAsked,
                 hub_input::DeviceCompared, hub_input::HealKept, hub_input::Committed,
                 hub_input::EpochBegun, hub_input::Revoked, hub_input::SchemaChanged,
                 hub_input::Timer, hub_input::Shutdown>;

namespace hub_effect {
struct SendFrame {
  Bytes bytes;
};
struct LookUpHello {
  Hello hello;
};  ///< answer with HelloLookedUp
struct RedeemCode {
  Enrol enrol;
  Instant now;
};  ///< answer with EnrolDone
struct RegisterSuccessor {
  SuccessorRequest request;
  Instant now;
};  ///< answer with SuccessorDone
struct BeginEpoch {
  Hello hello;
  Instant now;
};  ///< its position is not known here: begin_epoch(); answer with EpochBegun
struct MergePush {
  PushRequest request;
};  ///< answer with PushMerged
struct ReadFeed {
  FeedQuestion question;
};  ///< answer with FeedRead
struct StoreSalvage {
  SalvageRequest request;
};  ///< answer with SalvageStored
struct CompareDevice {
  ComparisonQuestion question;
};  ///< answer with DeviceCompared
struct NoteHealed {
  DeviceId device;
  Healed healed;
};  ///< answer with HealKept
struct RecountDigests {
  std::vector<ScopeId> scopes;
};  ///< the running sums are not those of the rows; no answer is waited for
struct Identified {
  DeviceId device;
  std::vector<ScopeId> visible;
};  ///< for the registry of sessions
struct Close {
  std::optional<Error> error;
};  ///< last effect, after the frames before it are sent
}  // namespace hub_effect
using HubEffect =
    std::variant<hub_effect::SendFrame, hub_effect::LookUpHello, hub_effect::RedeemCode,
                 hub_effect::RegisterSuccessor, hub_effect::BeginEpoch, hub_effect::MergePush,
                 hub_effect::ReadFeed, hub_effect::StoreSalvage, hub_effect::CompareDevice,
                 hub_effect::NoteHealed, hub_effect::RecountDigests, hub_effect::Identified,
                 hub_effect::Close>;

class HubSession {
 public:
  struct Options {
    HubIdentity identity;
    Nonce nonce;    ///< fresh random for this connection
    Bytes binding;  ///< SHA-256 of the hub's TLS certificate, empty on ws://
    std::optional<Recognised> recognised = {};   ///< the caller is remembered: see parting()
    std::shared_ptr<HeardRoom> heard_room = {};  ///< that of all connections of this hub
    int compression_level = 3;
    std::size_t changes_rows_max = limits::changes_rows_max;  ///< rows in one Changes
    std::size_t changes_bytes_max =
        limits::changes_bytes_target;  ///< one Changes is cut after this
  };

  HubSession(LogSink& log, Options options);
  ~HubSession();

  /// `now` is the hub's clock.
  [[nodiscard]] std::vector<HubEffect> step(Instant now, const HubInput& input);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  /// At the end of the connection: what to remember of the device until it calls again.
  [[nodiscard]] std::optional<Parting> parting() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Everything a device with these grants sees: the granted scopes, all above them, and all below
/// them; ascending. `tree` is HubSnapshot::scope_tree().
[[nodiscard]] std::vector<ScopeId> visible_scopes(
    std::span<const ScopeId> granted, std::span<const std::pair<ScopeId, ScopeId>> tree);

/// The wire form of a feed batch for the device that made the request: a row whole when it became
/// live in its scope after the cursor or its scope is new to the device, else the columns that
/// changed after the cursor (SEMANTICS A3) or are new to the device. Rows are grouped by table,
/// scope and column set in feed order of their first row. What `view` does not show is left out.
[[nodiscard]] Changes changes_of(const Schema& schema, const SchemaView& view,
                                 const FeedBatch& batch, const FeedRequest& request);

/// Reads the answers to a question from a snapshot; what a shell's reader thread calls.
[[nodiscard]] Result<FeedAnswer> answer_feed(HubSnapshot& snapshot, const FeedQuestion& question);
[[nodiscard]] Result<HelloAnswer> answer_hello(HubSnapshot& snapshot, const Hello& hello);

}  // namespace doorstep
