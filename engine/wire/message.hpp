// The messages of the sync protocol as structs. Tables and columns travel by name, so that two
// schema versions never disagree about a number. docs/protocol.md is the description,
// schema/protocol.cddl the grammar, schema/golden/ one encoding of each. Plain data.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/bucket.hpp"
#include "engine/core/conflict.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/left_out.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/scan_point.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"
#include "engine/wire/recognition.hpp"

namespace doorstep {

/// hub -> device, first if not Remembered. `binding` is the SHA-256 of the TLS certificate (empty
/// on plain ws://); the signature is by the hub's key over challenge_text(), so that a self-signed
/// certificate is trusted exactly when the hub that issued the code vouches for it.
struct Challenge {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  HubId hub;
  PublicKey hub_key;
  Nonce nonce;
  Signature signature;
  friend bool operator==(const Challenge&, const Challenge&) = default;
};

/// device -> hub, instead of Hello: redeems a one-time code.
struct Enrol {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  Bytes secret;     ///< of the enrolment code
  DeviceId device;  ///< chosen by the device (UUIDv7)
  PublicKey key;
  Signature signature;  ///< over proof_text() of this connection's nonce
  ClockProbe clock;
  friend bool operator==(const Enrol&, const Enrol&) = default;
};

/// hub -> device, after Enrol. The connection may go on with Hello.
struct Enrolled {
  HubId hub;
  std::string hub_name;
  std::string device_name;
  std::string role;
  std::vector<ScopeId> scopes;  ///< as granted
  std::string schema;           ///< the schema's text
  Instant now;
  friend bool operator==(const Enrolled&, const Enrolled&) = default;
};

/// device -> hub, after Challenge on every later connection. Push and Pull may follow at once.
struct Hello {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  DeviceId device;
  Signature signature;  ///< over proof_text()
  Fingerprint schema;
  HubId hub;  ///< the hub that this replica belongs to
  Position cursor;
  CommitToken
      token;      ///< of the commit at `cursor`; with it a restored hub is noticed (SEMANTICS G2)
  Sequence last;  ///< the newest transaction on the device
  ClockProbe clock;
  std::string software;  ///< "doorstep 0.1.0", for the fleet list
  std::uint64_t pending = 0;
  Fingerprint holds = {};        ///< scopes_fingerprint() of what it expects to see here
  Fingerprint schema_held = {};  ///< the newest schema of the hub's whose text it has; zero: none
  /// While it catches up with a restored hub (SEMANTICS G2): its newest transaction when it heard
  /// of that. The hub may have been set back again, and not know that any more.
  Sequence recovering = {};
  /// Bytes that an app may still fill of the storage that the replica is on, for the fleet list; no
  /// value: not known. At most 2^63 - 1.
  std::optional<std::uint64_t> free_bytes = {};
  /// A device with a byte budget: what the hub may send in answer, and until Credit says otherwise,
  /// on the wire (frame_size.hpp). No value: as much as it likes.
  std::optional<std::uint64_t> answer_bytes = {};
  Hash digests = {};  ///< digests_hash() of those that it holds, as the hub has told them
  friend bool operator==(const Hello&, const Hello&) = default;
};

/// hub -> device, the answer to Hello.
struct Welcome {
  std::uint16_t version = 0;
  std::uint64_t epoch = 0;
  Instant now;                  ///< the hub's clock
  Sequence merged;              ///< of this device: the newest that is durable here
  Hash head;                    ///< the hash of that transaction
  std::vector<ScopeId> scopes;  ///< as granted
  Fingerprint schema;
  std::uint64_t push_bytes = 0;  ///< may be sent unacknowledged
  /// Every scope that the device sees, ascending; only when Hello.holds says another set.
  std::optional<std::vector<ScopeId>> visible = {};
  bool schema_known = true;  ///< the hub has, or had, the schema of Hello
  /// Of `schema`; empty when the device has it: it is the one it uses, or Hello.schema_held.
  std::string schema_text = {};
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

/// A transaction as it was written, never re-encoded: `body` is encode_transaction()'s bytes and
/// what the chain hash covers.
struct EncodedTransaction {
  Sequence sequence;
  Bytes body;
  friend bool operator==(const EncodedTransaction&, const EncodedTransaction&) = default;
};

/// In Push.was: the lost hub had refused this transaction, and it stays refused; no commit has this
/// number.
inline constexpr Position refused_before{1};

/// device -> hub. Sequences are consecutive from `first`; `head` is the chain hash after the last
/// one.
struct Push {
  Sequence first;
  std::vector<Bytes> bodies;
  Hash head;
  /// Empty, or for each body the position at which a hub that was restored since had merged it
  /// (SEMANTICS G3); zero: it was never acknowledged; or refused_before.
  std::vector<Position> was = {};
  /// Set when the device does not hold what the hub lacks before `first` any more (SEMANTICS G1):
  /// the chain hash before `first`.
  std::optional<Hash> missing = std::nullopt;
  /// Number of the transaction in bodies[i].
  [[nodiscard]] Sequence number_of(std::size_t i) const { return Sequence{first.value + i}; }
  /// Number of the last one, and of the one that comes after this push.
  [[nodiscard]] Sequence last() const { return Sequence{first.value + bodies.size() - 1}; }
  [[nodiscard]] Sequence next() const { return number_of(bodies.size()); }
  friend bool operator==(const Push&, const Push&) = default;
};

/// hub -> device: durable up to and including `through`. Only outcomes that are not plain
/// `accepted` are listed, so a smooth push costs a few bytes. Repeated for a repeated push.
struct Ack {
  struct Item {
    Sequence sequence;
    Outcome outcome;
    friend bool operator==(const Item&, const Item&) = default;
  };
  Sequence through;
  Instant now;
  std::vector<Item> items;
  Position position;  ///< a hub commit at or before which `through` was merged; zero: not said
  friend bool operator==(const Ack&, const Ack&) = default;
};

/// device -> hub: send what changed after `cursor`; of the rows in `new_scopes` and the columns in
/// `new_columns` send everything, as if the cursor were zero for them. All of it joins at the
/// checkpoint. A pull whose `holds` is not the hub's word (Welcome.visible) is not answered, unless
/// it starts from nothing: the device asks again after Welcome.
struct Pull {
  Position cursor;
  std::optional<ScanPoint> scan;  ///< resumes staged batches of the same cursor
  Sequence include;               ///< wait until this own transaction is merged (zero: do not)
  bool live = false;              ///< go on sending as commits come
  std::uint32_t credit = 0;       ///< Changes messages that may be in flight
  Fingerprint holds = {};         ///< scopes_fingerprint() of what the device expects to see
  std::vector<ScopeId> new_scopes = {};     ///< seen, but not held at `cursor`; ascending
  std::vector<NewColumn> new_columns = {};  ///< not there at `cursor`; ascending
  /// Reconcile (SEMANTICS E3): what the device holds, all tables. The answer begins with a refill.
  /// Takes the place of an open pull.
  std::optional<std::vector<BucketSums>> sums = std::nullopt;
  /// The staged refill that `scan` goes on with.
  std::optional<Refill> refill = std::nullopt;
  /// Own inserts that stand as they were sent need not come back (SEMANTICS A6). Without it, after
  /// a checkpoint that left some out, the pull takes the place of an open one, from any cursor.
  bool own_left_out = false;
  friend bool operator==(const Pull&, const Pull&) = default;
};

/// device -> hub: more Changes messages may be sent.
struct Credit {
  std::uint32_t messages = 0;
  std::optional<std::uint64_t> answer_bytes =
      {};  ///< from here on, in place of what was said before
  friend bool operator==(const Credit&, const Credit&) = default;
};

/// Rows of one table in one scope with the same columns. `whole`: these are all their values,
/// columns not named are NULL; otherwise only the named columns changed. `cells` is row-major.
struct RowBlock {
  std::string table;
  ScopeId scope;
  bool whole = false;
  std::vector<std::string> columns;
  std::vector<RowId> rows;
  std::vector<Value> cells;
  friend bool operator==(const RowBlock&, const RowBlock&) = default;
};

/// Rows that are gone from `scope`: dead, or departed to another scope (a device that holds `to`
/// gets the whole row there, in the same checkpoint).
struct RemovalBlock {
  std::string table;
  ScopeId scope;
  std::optional<ScopeId> to;
  std::vector<RowId> rows;
  friend bool operator==(const RemovalBlock&, const RemovalBlock&) = default;
};

/// A conflict by names.
struct ConflictRecord {
  ConflictId id;
  std::string table;
  RowId row;
  std::string column;  ///< empty: the delete of the row
  MergePolicy policy = MergePolicy::latest;
  Contribution winner;
  Contribution loser;
  bool order_uncertain = false;
  ConflictState state = ConflictState::automatic;
  std::optional<CellVersion> decision = std::nullopt;  ///< who decided, and when
  bool withdrawn = false;
  Position position;
  friend bool operator==(const ConflictRecord&, const ConflictRecord&) = default;
};

struct Checkpoint {
  struct ScopeDigest {
    ScopeId scope;
    Digest digest;
    friend bool operator==(const ScopeDigest&, const ScopeDigest&) = default;
  };
  Position position;  ///< the head of the snapshot that the last batch was read from
  CommitToken token;  ///< none: nothing was committed since the device's cursor, which has it
  Sequence included;  ///< the newest own transaction that it includes (SEMANTICS C2)
  Position upstream_durable;         ///< zero without an upstream (SEMANTICS H2)
  Position backed_up;                ///< zero without a backup (SEMANTICS G1)
  std::vector<ScopeDigest> digests;  ///< ascending by scope; all scopes that the device holds
  /// `digests` names only scopes whose digest changed. The others that the device holds have those
  /// of the last checkpoint on this connection; of its first one, those that Hello.digests is of.
  bool others_stand = false;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Of all digests that a device holds, as a checkpoint names them.
[[nodiscard]] Hash digests_hash(std::span<const Checkpoint::ScopeDigest> digests);

/// hub -> device. Within one message removals apply before rows. Without a checkpoint it is staged.
struct Changes {
  Position from;  ///< the device's cursor that this continues; applied only if equal
  std::vector<RemovalBlock> removals;
  std::vector<RowBlock> rows;
  std::vector<ConflictRecord> conflicts;
  std::optional<ScanPoint> next;  ///< set exactly when there is no checkpoint
  std::optional<Checkpoint> checkpoint;
  std::uint64_t remaining = 0;  ///< rows still to come, an estimate for progress
  /// Of the first message of a reconcile: rows in these buckets, in this pull, are all there are;
  /// what else the device has there goes when the checkpoint is applied.
  std::optional<Refill> refill = std::nullopt;
  /// With a checkpoint: so many rows are not in it that the device inserted, with transactions that
  /// it is the first to include, and that stand at the hub as they were sent (SEMANTICS A6).
  LeftOut own_left_out = {};
  friend bool operator==(const Changes&, const Changes&) = default;
};

/// hub -> device: come back later.
struct Busy {
  std::uint32_t retry_after_ms = 0;
  friend bool operator==(const Busy&, const Busy&) = default;
};

/// Either way; the sender closes the connection after it.
struct ErrorMessage {
  std::uint64_t code = 0;  ///< of the catalogue; a number that the reader does not know is kept
  std::string detail;
  friend bool operator==(const ErrorMessage&, const ErrorMessage&) = default;
};

/// hub -> device: the open pull is not continued. The device drops what it has staged and pulls
/// anew.
struct Restart {
  bool reconcile = false;  ///< with its sums: its cursor lies below what was collected
  friend bool operator==(const Restart&, const Restart&) = default;
};

/// device -> hub: whole rows that this device held as the hub's and that the hub may not have any
/// more (SEMANTICS D4): those that a quarantined transaction of its own meant. One message is one
/// of `parts`, which are numbered from 1. It is sent on every connection until the hub confirms it.
struct Salvage {
  Sequence sequence;  ///< the transaction; zero: of none, of what a restored hub lacks (G3)
  std::uint32_t part = 1;
  std::uint32_t parts = 1;
  std::uint64_t left_out = 0;  ///< rows that did not fit into any part
  std::vector<RowBlock> rows;  ///< whole; no scope is said
  friend bool operator==(const Salvage&, const Salvage&) = default;
};

/// hub -> device: that part is durable here.
struct Salvaged {
  Sequence sequence;
  std::uint32_t part = 1;
  friend bool operator==(const Salvaged&, const Salvaged&) = default;
};

/// device -> hub, right after Hello: this phone is a copy of another, or was restored from a
/// backup, and goes on as `successor` (SEMANTICS C5). Hello has proved the old identity. What is
/// pushed after it keeps that identity and is kept for a person unless the hub has it already.
struct Fork {
  DeviceId successor;  ///< chosen by the device (UUIDv7)
  PublicKey key;
  Signature signature;  ///< by that key, over fork_text()
  friend bool operator==(const Fork&, const Fork&) = default;
};

/// hub -> device, after Fork: the successor is on record. The connection goes on as the old device.
struct Forked {
  DeviceId successor;
  friend bool operator==(const Forked&, const Forked&) = default;
};

/// hub -> device, the answer to a Hello whose (cursor, token) this hub does not know (SEMANTICS
/// G2): it was restored or reset, and this is what the two still have in common. The connection is
/// closed after it.
struct Restored {
  std::uint64_t epoch = 0;
  Position at;         ///< a commit of this hub that the device has applied; zero: none
  CommitToken token;   ///< of that commit
  Sequence merged;     ///< of this device: the newest that is durable here
  Hash head;           ///< the hash of that transaction
  bool reset = false;  ///< this hub was begun anew on purpose: nothing is offered to it again
  friend bool operator==(const Restored&, const Restored&) = default;
};

/// hub -> device, at any moment after Welcome: somebody at the hub wants to know what this device
/// holds. The device answers `sums` and `rows` with Compared, and changes nothing.
struct Compare {
  enum class Step : std::uint8_t {
    sums,  ///< how the buckets of its tables add up
    rows,  ///< which rows of these buckets are others there
    done,  ///< that was all; not answered
  };
  std::uint64_t number = 0;  ///< of the request
  Step step = Step::sums;
  std::vector<BucketRows> tables = {};  ///< of `rows`
  friend bool operator==(const Compare&, const Compare&) = default;
};

/// device -> hub, answers Compare. A block that is not `whole` has no columns: there is no such
/// row.
struct Compared {
  std::uint64_t number = 0;
  Position cursor;                                             ///< what it holds is of that moment
  std::optional<std::vector<BucketSums>> sums = std::nullopt;  ///< answers `sums`: all tables
  std::uint64_t pending = 0;         ///< rows with own work that no checkpoint includes
  std::vector<RowBlock> rows = {};   ///< the hub's values as they stand here, where they differ
  std::vector<RowBlock> shown = {};  ///< rows with such work, as they are shown
  std::uint64_t left_out = 0;        ///< rows that did not fit into either
  friend bool operator==(const Compared&, const Compared&) = default;
};

/// device -> hub: reconciles have put rows of this device right. Sent until the hub has noted it.
struct Healed {
  std::uint64_t total = 0;              ///< rows, ever
  std::vector<TableDifference> tables;  ///< how they had differed the last time
  friend bool operator==(const Healed&, const Healed&) = default;
};

/// hub -> device: noted.
struct HealNoted {
  std::uint64_t total = 0;
  friend bool operator==(const HealNoted&, const HealNoted&) = default;
};

/// hub -> device with a byte budget, instead of something that it may not send; the connection is
/// closed after it. Does not count against Hello.answer_bytes; nor do Busy and ErrorMessage, which
/// carries no detail then.
struct OverBudget {
  std::uint64_t bytes = 0;            ///< the most that it would have weighed
  std::optional<std::uint64_t> rows;  ///< still to come, an estimate; no value: not known
  friend bool operator==(const OverBudget&, const OverBudget&) = default;
};

using Message =
    std::variant<Challenge, Enrol, Enrolled, Hello, Welcome, Push, Ack, Pull, Credit, Changes, Busy,
                 ErrorMessage, Restart, Salvage, Salvaged, Fork, Forked, Restored, Compare,
                 Compared, Healed, HealNoted, OverBudget, Remembered, Again, AsBefore>;

/// What the hub signs in Challenge.
[[nodiscard]] Bytes challenge_text(const Challenge& challenge, ByteView binding);
/// What a device signs in Hello and Enrol.
[[nodiscard]] Bytes proof_text(const Challenge& challenge, ByteView binding,
                               const DeviceId& device);
/// What a successor signs in Fork.
[[nodiscard]] Bytes fork_text(const Challenge& challenge, ByteView binding, const DeviceId& device,
                              const DeviceId& successor);

}  // namespace doorstep
