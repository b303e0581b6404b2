// What a hub needs of its storage. Implementations: MemoryHubStore
// (engine/ports/memory_hub_store.hpp) and SQLite (server/store/); both pass
// tests/server/hub_store_*_test.cpp. PostgreSQL comes to the same contract. The store knows tables
// from the Schema; merging is not its business: it fetches and puts.
//
// Threads: one HubCommit at a time (the merge writer's); any number of HubSnapshots beside it, each
// used by one thread. Errors: io_error, disk_full, corrupt, busy. After an error a commit can only
// be destroyed, which rolls it back.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/conflict.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/left_out.hpp"
#include "engine/core/merge.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/row.hpp"
#include "engine/core/scan_point.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/schema_history.hpp"
#include "engine/ports/hub_duplicates.hpp"
#include "engine/ports/hub_epochs.hpp"
#include "engine/ports/hub_records.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

struct QuarantineQuery {
  std::size_t count_max = 0;
  bool only_waiting = false;
};

/// Which conflicts to list. Withdrawn ones are over and never listed.
struct ConflictQuery {
  std::optional<ConflictState> state = {};
  std::optional<TableId> table = {};
  std::size_t count_max = 0;
};

/// What may be collected of one scope (SEMANTICS D4).
struct CollectRequest {
  ScopeId scope;
  Position passed;            ///< tombstones, departures and withdrawn conflicts through here
  Position old;               ///< and automatic conflicts through here
  std::size_t count_max = 0;  ///< items, oldest first
};

/// What a collection took.
struct Collected {
  std::uint64_t tombstones = 0;
  std::uint64_t departures = 0;
  std::uint64_t conflicts = 0;
  bool complete = true;  ///< nothing that was asked for is left
  [[nodiscard]] std::uint64_t count() const { return tombstones + departures + conflicts; }
  friend bool operator==(const Collected&, const Collected&) = default;
};

/// One hub commit. Everything put becomes visible to new snapshots at once, or never.
class HubCommit {
 public:
  virtual ~HubCommit() = default;

  /// The position that this commit will have: the next one of the newest epoch.
  [[nodiscard]] virtual Position position() const = 0;

  /// Every schema that the hub has, as of this commit: nobody can bring another while it is open.
  [[nodiscard]] virtual const SchemaHistory& schemas() const = 0;
  /// Brings a newer schema with all that it adds, empty. It holds from the next commit on. Put
  /// nothing else into this one. Precondition: difference_of(schemas().newest(), schema) is
  /// additive.
  [[nodiscard]] virtual Status put_schema(const Schema& schema, Instant now) = 0;

  [[nodiscard]] virtual Result<std::optional<DeviceRecord>> device(const DeviceId& id) = 0;
  [[nodiscard]] virtual Status put_device(const DeviceRecord& device) = 0;
  /// nullopt: nobody has asked about it.
  [[nodiscard]] virtual Result<std::optional<ComparisonRecord>> comparison(
      const DeviceId& device) = 0;
  /// By device: inserts or replaces.
  [[nodiscard]] virtual Status put_comparison(const ComparisonRecord& record) = 0;
  /// Rows in the order of `ids`, live or dead; nullopt where the hub has none. Of a collected one
  /// only its death is known: StoredRow::collected, every value NULL.
  [[nodiscard]] virtual Result<std::vector<std::optional<StoredRow>>> fetch(
      TableId table, std::span<const RowId> ids) = 0;
  /// Keys of live rows whose `via` column holds `parent`; ascending.
  [[nodiscard]] virtual Result<std::vector<RowId>> children(const ChildQuery& query) = 0;
  /// Conflict records of one row, all that are not withdrawn; ascending by id.
  [[nodiscard]] virtual Result<std::vector<Conflict>> conflicts_of(const RowKey& key) = 0;
  /// All departures of a row, ascending by position.
  [[nodiscard]] virtual Result<std::vector<Departure>> departures(const RowKey& key) = 0;
  /// What a device was granted before DeviceRecord::scopes; ascending by position.
  [[nodiscard]] virtual Result<std::vector<PastGrant>> past_grants(const DeviceId& device) = 0;
  [[nodiscard]] virtual Status put_past_grant(const DeviceId& device, const PastGrant& grant) = 0;
  /// The recorded outcome of a transaction, or nullopt when it was never seen.
  [[nodiscard]] virtual Result<std::optional<TransactionRecord>> transaction(const DeviceId& device,
                                                                             Sequence sequence) = 0;
  /// Inserts or replaces whole rows, live or dead.
  [[nodiscard]] virtual Status put_rows(std::span<const StoredRow> rows) = 0;
  /// Each is kept, for rights are judged by where a row was. One of the same row, scope `from` and
  /// position is replaced.
  [[nodiscard]] virtual Status put_departures(std::span<const Departure> departures) = 0;
  /// By id: inserts or replaces. A withdrawn record of an id that was never put is not kept.
  [[nodiscard]] virtual Status put_conflicts(std::span<const Conflict> conflicts) = 0;
  [[nodiscard]] virtual Status put_transactions(
      std::span<const TransactionRecord> transactions) = 0;
  /// By id: inserts or replaces.
  [[nodiscard]] virtual Status put_quarantine(const QuarantineRecord& record) = 0;
  /// nullopt: it was never quarantined.
  [[nodiscard]] virtual Result<std::optional<QuarantineRecord>> quarantined(
      const TransactionId& id) = 0;
  /// The same by its hash alone, which no two transactions share.
  [[nodiscard]] virtual Result<std::optional<QuarantineRecord>> quarantined(const Hash& hash) = 0;
  /// The merged transaction that was written again for the one with this hash; nullopt: none.
  [[nodiscard]] virtual Result<std::optional<TransactionId>> resent(const Hash& original) = 0;
  [[nodiscard]] virtual Status put_resent(const Hash& original, const TransactionId& by) = 0;
  /// Hashes of what is in quarantine under this number: copies of a phone give it more than once.
  [[nodiscard]] virtual Result<std::vector<Hash>> quarantined_hashes(const DeviceId& device,
                                                                     Sequence sequence) = 0;
  /// Rows that a device had as the hub's (SEMANTICS D4, G3), by sequence and part: inserts or
  /// replaces. Those of sequence 0, from a history that is lost, are kept for each epoch apart.
  [[nodiscard]] virtual Status put_salvage(const DeviceId& device, const Salvage& salvage) = 0;
  /// All parts of one transaction; ascending, of sequence 0 by epoch first.
  [[nodiscard]] virtual Result<std::vector<Salvage>> salvage(const DeviceId& device,
                                                             Sequence sequence) = 0;
  [[nodiscard]] virtual Status remove_salvage(const DeviceId& device, Sequence sequence) = 0;
  /// Adds to the running sums; sums that become zero may be dropped.
  [[nodiscard]] virtual Status add_digests(const DigestChanges& changes) = 0;
  /// Replaces the running sums of these scopes by those of a scan of their live rows.
  [[nodiscard]] virtual Status recount_digests(std::span<const ScopeId> scopes) = 0;
  /// Takes what nobody needs out of the feed of one scope and raises the scope's floor to the
  /// newest position taken (automatic conflicts apart, which no device waits for). Rows that were
  /// merged into others and tombstones with an open conflict stay. A deleted row's values go, its
  /// id does not.
  [[nodiscard]] virtual Result<Collected> collect(const CollectRequest& request) = 0;
  /// How long tombstones wait for a silent device; in milliseconds.
  [[nodiscard]] virtual Status put_horizon(std::int64_t horizon_ms) = 0;
  /// The first rule of the schema, in its order of tables and rules, that is broken for one of
  /// these rows, live or dead, as everything put so far has it. A rule whose SQL fails on them
  /// counts as broken and says so. Rows of tables without rules cost nothing.
  [[nodiscard]] virtual Result<std::optional<BrokenRule>> check_rules(
      std::span<const RowKey> written) = 0;
  /// The fallen rows of a device (SEMANTICS D2); ascending by key. They stay until put_fallen says
  /// that the row lives.
  [[nodiscard]] virtual Result<std::vector<FallenRow>> fallen(const DeviceId& device) = 0;
  /// Inserts, replaces, or removes those that have no root.
  [[nodiscard]] virtual Status put_fallen(std::span<const FallenRow> rows) = 0;
  [[nodiscard]] virtual Status put_code(const CodeRecord& code) = 0;
  /// Removes and returns the code with this hash; nullopt when there is none (also when it has
  /// expired: expired codes are removed and not returned).
  [[nodiscard]] virtual Result<std::optional<CodeRecord>> take_code(const Hash& secret_hash,
                                                                    Instant now) = 0;
  /// Pairs that may be one thing, and the log of those merged. Lives as long as the commit.
  [[nodiscard]] virtual HubDuplicates& duplicates() = 0;
  /// The hub's own history. Lives as long as the commit.
  [[nodiscard]] virtual HubEpochs& epochs() = 0;
  /// Runs `work`; what it put is undone when it returns an error, and the commit can go on.
  [[nodiscard]] virtual Status savepoint(const std::function<Status()>& work) = 0;

  /// On return the commit survives power loss and new snapshots see it. At most once.
  [[nodiscard]] virtual Status commit(Instant now, const CommitToken& token) = 0;
};

/// Who a device was before it became another's successor, and until when what that one wrote counts
/// as its own.
struct PastIdentity {
  DeviceId device;
  Position through;
  friend bool operator==(const PastIdentity&, const PastIdentity&) = default;
};

/// What of the feed to read. The feed of a set of scopes is its rows, tombstones, departures and
/// conflicts after the cursor, in the order (position, table name, ordinal).
struct FeedRequest {
  DeviceId device;              ///< automatic conflicts only where this device lost
  std::vector<ScopeId> scopes;  ///< all that the device may see; ascending
  Position cursor;              ///< tombstones, departures and withdrawn conflicts only after
                                ///< max(cursor, scan.started if cursor is zero)
  ScanPoint scan;               ///< start after this point; scan_start() at the beginning of a pull
  std::size_t rows_max = 0;
  std::size_t bytes_max = 0;                        ///< soft: stops after the row that passes it
  std::optional<std::uint64_t> still_to_come = {};  ///< as the batch before said: not counted anew
  /// Of these the feed is read from its beginning instead of the cursor; removals still only after
  /// it. Ascending; scopes not among `scopes` and unknown columns are passed over.
  std::vector<ScopeId> new_scopes = {};
  std::vector<NewColumn> new_columns = {};
  bool conflicts_only = false;  ///< nothing but conflicts
  /// Live rows with is_own_insert() are counted and not given; at a scan's start only.
  bool own_left_out = false;
  std::vector<PastIdentity> before = {};  ///< `device` was these; where they lost, it did
  /// Tables whose rows the device does not see: neither given nor counted. Removals may be.
  std::vector<std::string> hidden_tables = {};
  /// Tables of which it does not see all columns: none of their rows is left out.
  std::vector<std::string> partly_hidden = {};
  [[nodiscard]] bool hides(std::string_view table) const {
    return std::find(hidden_tables.begin(), hidden_tables.end(), table) != hidden_tables.end();
  }
  [[nodiscard]] bool leaves_own_out_of(std::string_view table) const {
    return own_left_out &&
           std::find(partly_hidden.begin(), partly_hidden.end(), table) == partly_hidden.end();
  }
};

/// One read of the feed, all from one snapshot.
struct FeedBatch {
  std::vector<StoredRow> rows;  ///< in feed order; dead ones are tombstones
  std::vector<Departure> departures;
  std::vector<Conflict> conflicts;
  bool complete = false;        ///< reached the snapshot's head
  ScanPoint next;               ///< where to go on; equals the head when complete
  std::uint64_t remaining = 0;  ///< estimate of rows still to come
  /// Rows that were left out. Zero, and none left out, where references that the device wrote after
  /// the cursor were redirected (SEMANTICS D6).
  LeftOut own_left_out;
};

/// A consistent view of the hub as of head().
class HubSnapshot {
 public:
  virtual ~HubSnapshot() = default;
  [[nodiscard]] virtual Position head() const = 0;
  /// Every schema that the hub had then. Tables and columns that this snapshot speaks of are those
  /// of the newest.
  [[nodiscard]] virtual const SchemaHistory& schemas() const = 0;
  /// Of the commit at `position`; nullopt when this hub has no such commit.
  [[nodiscard]] virtual Result<std::optional<CommitToken>> token(Position position) = 0;
  [[nodiscard]] virtual Result<FeedBatch> feed(const FeedRequest& request) = 0;
  /// Sums of all tables and columns of each scope, in the order given; zero for an unknown scope.
  [[nodiscard]] Result<std::vector<Digest>> digests(std::span<const ScopeId> scopes) {
    return digests(scopes, SchemaView());
  }
  /// The same of the tables and columns that `view` shows.
  [[nodiscard]] virtual Result<std::vector<Digest>> digests(std::span<const ScopeId> scopes,
                                                            const SchemaView& view) = 0;
  /// The same by scan of the live rows, for `verify` (SEMANTICS E2).
  [[nodiscard]] virtual Result<std::vector<Digest>> scan_digests(
      std::span<const ScopeId> scopes) = 0;
  [[nodiscard]] virtual Result<std::optional<DeviceRecord>> device(const DeviceId& id) = 0;
  [[nodiscard]] virtual Result<std::vector<DeviceRecord>> devices() = 0;
  /// As HubCommit::comparison().
  [[nodiscard]] virtual Result<std::optional<ComparisonRecord>> comparison(
      const DeviceId& device) = 0;
  /// Records of sequences in (after, through], ascending.
  [[nodiscard]] virtual Result<std::vector<TransactionRecord>> transactions(const DeviceId& device,
                                                                            Sequence after,
                                                                            Sequence through) = 0;
  /// Newest first.
  [[nodiscard]] virtual Result<std::vector<Conflict>> conflicts(const ConflictQuery& query) = 0;
  /// By id, withdrawn or not; nullopt when there is none.
  [[nodiscard]] virtual Result<std::optional<Conflict>> conflict(const ConflictId& id) = 0;
  /// As HubCommit::conflicts_of.
  [[nodiscard]] virtual Result<std::vector<Conflict>> conflicts_of(const RowKey& key) = 0;
  /// Newest first.
  [[nodiscard]] virtual Result<std::vector<QuarantineRecord>> quarantine(
      const QuarantineQuery& query) = 0;
  /// As HubCommit::salvage().
  [[nodiscard]] virtual Result<std::vector<Salvage>> salvage(const DeviceId& device,
                                                             Sequence sequence) = 0;
  /// When that commit was; nullopt when there is none.
  [[nodiscard]] virtual Result<std::optional<Instant>> committed_at(Position position) = 0;
  /// Newest first, by the commit that proposed them; only open ones, or all.
  [[nodiscard]] virtual Result<std::vector<Duplicate>> duplicates(bool only_open,
                                                                  std::size_t count_max) = 0;
  /// (code, parent code or empty) of every live row of the schema's scope tree; ascending.
  [[nodiscard]] virtual Result<std::vector<std::pair<ScopeId, ScopeId>>> scope_tree() = 0;
  /// Every scope that has live rows; ascending.
  [[nodiscard]] virtual Result<std::vector<ScopeId>> scopes() = 0;
  /// One row, live or dead; a collected one as HubCommit::fetch() has it.
  [[nodiscard]] virtual Result<std::optional<StoredRow>> row(const RowKey& key) = 0;
  /// Every live row of the table in these scopes whose key is wanted, in an order that stays as
  /// long as the rows do. Ends at the first error of `visit`.
  [[nodiscard]] virtual Status scan(TableId table, std::span<const ScopeId> scopes,
                                    const std::function<bool(const RowId&)>& wanted,
                                    const std::function<Status(StoredRow)>& visit) = 0;
  /// Every scope that ever had a feed; ascending.
  [[nodiscard]] virtual Result<std::vector<ScopeId>> feed_scopes() = 0;
  /// The newest position that was ever collected from the feeds of these scopes; zero: none.
  [[nodiscard]] virtual Result<Position> floor(std::span<const ScopeId> scopes) = 0;
  /// The newest position that was, with all before it, committed at `time` or earlier; zero: none.
  [[nodiscard]] virtual Result<Position> committed_by(Instant time) = 0;
  /// As put; limits::horizon_ms_default before.
  [[nodiscard]] virtual Result<std::int64_t> horizon_ms() = 0;
  // As HubEpochs has them:
  [[nodiscard]] virtual Result<std::vector<EpochRecord>> epochs() = 0;
  [[nodiscard]] virtual Result<std::vector<GapRecord>> gaps(const DeviceId& device) = 0;
  [[nodiscard]] virtual Result<Position> backed_up() = 0;
  /// nullopt: nobody put his name to what the hub wrote in that commit.
  [[nodiscard]] virtual Result<std::optional<std::string>> signed_by(Position position) = 0;
};

/// Who this hub is; fixed at init except the epoch, which is that of when it was asked for.
struct HubIdentity {
  HubId id;
  std::string name;
  KeyPair keys;
  std::uint64_t epoch = 1;
};

class HubStore {
 public:
  virtual ~HubStore() = default;
  /// The newest that this store knows of. While a commit is open it is that commit's; otherwise
  /// another process may just have brought a newer one, which the next commit or snapshot finds.
  /// The reference stays valid as long as the store.
  [[nodiscard]] virtual const Schema& schema() const = 0;
  [[nodiscard]] virtual const HubIdentity& identity() const = 0;
  /// Blocks while another commit is open (this process or another: at most the store's busy time).
  [[nodiscard]] virtual Result<std::unique_ptr<HubCommit>> begin() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<HubSnapshot>> snapshot() = 0;
};

}  // namespace doorstep
