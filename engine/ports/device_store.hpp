// What a device's sync session needs of its replica. Implementations: MemoryDeviceStore
// (engine/ports/memory_device_store.hpp, for unit tests and as the model) and the SDK's replica on
// SQLite; both pass tests/support/device_store_contract.hpp.
//
// Two promises carry the weight: a cursor moves in the same storage transaction as the rows it
// speaks for, and on return of every call that changes something the change survives power loss.
// One session uses it, from one thread; the app may write to the same replica at any moment between
// calls.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/hash.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// Who a phone goes on as that turned out to be a copy of another (SEMANTICS C5).
struct Successor {
  DeviceId device;
  KeyPair keys;
};

struct DeviceState {
  DeviceId device;
  KeyPair keys;
  HubId hub;
  PublicKey hub_key;
  std::uint64_t epoch = 0;  ///< zero before the first checkpoint
  Position cursor;
  CommitToken token;
  Sequence last;                       ///< newest own transaction
  Sequence acknowledged;               ///< durable at the hub up to here
  Sequence included;                   ///< in a checkpoint up to here: their overlay has ended
  Sequence unheld;                     ///< through here they are not held any more (SEMANTICS G1)
  std::uint64_t pending = 0;           ///< transactions not yet acknowledged
  std::vector<ScopeId> scopes;         ///< as granted
  std::vector<ScopeId> held;           ///< every scope of the last checkpoint; ascending
  std::vector<ScopeId> expected;       ///< what the hub last said that this device sees; ascending
  Fingerprint hub_schema;              ///< of the hub's newest schema text here; zero: none
  std::vector<NewColumn> new_columns;  ///< tables gained them after the last checkpoint; ascending
  std::optional<ScanPoint> staged;     ///< batches of a pull from `cursor` are staged up to here
  std::uint64_t staged_rows = 0;       ///< rows and removals in them
  std::optional<Refill> refill;        ///< of the first staged batch, if that pull is a reconcile
  /// Set from the moment when the copy was noticed until the replica has become it.
  std::optional<Successor> successor;
  bool differs = false;  ///< the rows here are known to differ from the hub's at the cursor
  /// note_restored() was called, and no reconcile has been applied since.
  bool restoring = false;
  Sequence recovering;  ///< while it was not a reset: the newest own transaction at that moment
};

/// What applying a checkpoint did.
struct Applied {
  std::uint64_t rows_written = 0;
  std::uint64_t rows_removed = 0;
  std::uint64_t conflicts = 0;
  std::vector<ScopeId>
      differing;  ///< scopes whose digest did not match (error digest_mismatch for status)
  /// Of a reconcile: how the rows here differed from the hub's, by table; only tables that did.
  std::vector<TableDifference> healed;
  bool reconciled = false;
  /// Nothing was applied: what the hub left out of the own rows is not what this replica has
  /// inserted. It is to be pulled with all of them. `differing`: where the sums told so, not the
  /// number.
  bool own_needed = false;
};

class DeviceStore {
 public:
  virtual ~DeviceStore() = default;
  /// The schema in use; another process may change it. A changed one is noticed by state(), or by
  /// another call that then fails with schema_changed and has done nothing; from then on this
  /// refers to the new one.
  [[nodiscard]] virtual const Schema& schema() const = 0;
  [[nodiscard]] virtual Result<DeviceState> state() = 0;

  /// Own transactions after `after` that are still kept, in order without a gap, as they were
  /// written; stops after `bytes_max` (at least one). All that no checkpoint includes yet are kept,
  /// and of those that one includes what DeviceState.unheld does not say; so `first` says where the
  /// result begins. `head` is the chain hash after its last. `was` says of those that a hub lost
  /// where it had them, and which ones it had refused; `missing` is set when the hub lacks what
  /// came before and is gone here.
  [[nodiscard]] virtual Result<Push> outbox(Sequence after, std::size_t bytes_max) = 0;

  /// Records the hub's verdicts. Rejected and dependent transactions leave the overlay here: their
  /// rows go back to the hub's values folded with what remains, and the transaction is kept as
  /// rejected. With one that is quarantined with row_unknown the rows that it meant are kept as the
  /// hub's values stood here: those it updated or deleted, and all that these and its inserted rows
  /// hang on (SEMANTICS D4).
  [[nodiscard]] virtual Status acknowledge(const Ack& ack) = 0;

  /// Of the rows kept so, the oldest part that the hub has not confirmed; nullopt: none.
  [[nodiscard]] virtual Result<std::optional<Salvage>> salvage() = 0;
  /// The hub has that part. Passed over unless it is the one that salvage() gives.
  [[nodiscard]] virtual Status salvaged(const Salvaged& confirmed) = 0;

  /// Sums of the hub's values of all rows here, by buckets: ds_pending in place of what is shown
  /// (SEMANTICS E1, E3). All tables of the schema.
  [[nodiscard]] virtual Result<std::vector<BucketSums>> bucket_sums() = 0;

  /// What is asked of the rows here by a comparison (of step sums or rows), all as of one moment:
  /// the hub's values as for bucket_sums(), and how rows with unconfirmed own writes are shown.
  /// Changes nothing.
  [[nodiscard]] virtual Result<Compared> compare(const Compare& asked) = 0;

  /// What reconciles have healed here, while the hub has not noted it; nullopt: nothing new.
  [[nodiscard]] virtual Result<std::optional<Healed>> heal_report() = 0;
  /// The hub has noted so much. Passed over unless it is the total that heal_report() gives.
  [[nodiscard]] virtual Status heal_noted(const HealNoted& noted) = 0;

  /// Stages a batch without checkpoint (`changes.next` set). One with a refill begins anew. Error
  /// unexpected_message when it does not continue the cursor and what is staged
  /// (engine/ports/feed_order.hpp); nothing is changed then.
  [[nodiscard]] virtual Status stage(Changes changes) = 0;

  /// Applies the staged batches in the order in which they were read, then `changes` (which has the
  /// checkpoint), moves cursor, token, epoch and included, ends overlays, and compares digests; one
  /// storage transaction. One with a refill drops what was staged; after a refill, what the hub's
  /// values here hold in its buckets and the pull did not name goes. The scopes of the checkpoint's
  /// digests are held from then on, and where others stand those that were held before; rows of
  /// scopes that were held before and are no more leave. No column is new any more. Tables and
  /// columns that this schema does not know are left out, for the hub may be newer; so are columns
  /// of a row that is not here, which the digest shows. Rows that it inserted itself with what the
  /// checkpoint is the first to include, and that no batch names, become the hub's values as they
  /// were written, if the hub left as many out (SEMANTICS A6); if not, or if the digests do not
  /// match then, nothing is changed. Errors, with nothing changed: unexpected_message when
  /// `changes.from` is not the cursor, or others are to stand beside a scope that was not held;
  /// malformed when cells do not fill a block, device_forked when the checkpoint includes a
  /// transaction that was not written here. With a successor remembered, a checkpoint includes
  /// whatever is acknowledged here, for what it says counts the transactions of the other copy.
  [[nodiscard]] virtual Result<Applied> apply(Changes changes) = 0;

  /// digests_hash() of what the last checkpoint said, scopes that it passed over included; zero
  /// before the first.
  [[nodiscard]] virtual Result<Hash> digests_held() = 0;

  /// Throws staged batches away (the hub no longer continues them).
  [[nodiscard]] virtual Status drop_staged() = 0;

  /// What Welcome said: hub time against the device's clock, granted scopes, and, if it says so,
  /// the scopes that the device is to expect; the hub's schema text is kept for an upgrade. Error
  /// schema_mismatch, with all of that kept, when neither schema adds to the other.
  [[nodiscard]] virtual Status note_welcome(const Welcome& welcome, const ClockProbe& at) = 0;

  /// Keeps who this replica is to go on as. One that was remembered before stays.
  [[nodiscard]] virtual Status remember_successor(const Successor& successor) = 0;

  /// What a hub has said that was restored or reset (SEMANTICS G2, G3), in one storage transaction.
  /// The cursor goes back to what the two have in common, own transactions that the hub lacks are
  /// not acknowledged any more and are offered again, as far as they are held: they go on being
  /// shown in the rows as they stand here. Staged batches are dropped, and the rows are known to
  /// differ. The next reconcile keeps what it takes away or changes here as Salvage of sequence
  /// zero, and puts what is still not at the hub into the overlay.
  /// Where `at` and `token` are the cursor here, the hub has lost acknowledged transactions and
  /// nothing else: rows and cursor stay.
  /// With `reset` nothing is offered again: what was not acknowledged is kept as rejected with
  /// hub_reset, what was is let go, and so is what the hub has not confirmed of kept rows; the
  /// cursor is zero, and the reconcile that follows keeps nothing.
  [[nodiscard]] virtual Status note_restored(const Restored& restored) = 0;

  /// The replica becomes the successor, in one storage transaction: its id and keys, sequences
  /// from 1, a chain from the start. Rows, cursor, conflicts, rejected work and receipts stay; what
  /// was written before is known by the numbers that it had on this replica. False, with nothing
  /// changed, while a transaction is not in a checkpoint or salvage is left. Error not_found
  /// without a successor.
  [[nodiscard]] virtual Result<bool> become_successor() = 0;
};

}  // namespace doorstep
