// A replica on plain maps: the contract of DeviceStore in its simplest form. It keeps the hub's
// values of every row, its own transactions, and computes what is shown by folding one over the
// other each time. Nothing is optimised: tests use it as the model that the SQLite replica must
// equal, and as the device of session tests. "Durable" means: as long as the object lives. Not
// thread-safe.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <vector>

#include "engine/core/overlay.hpp"
#include "engine/ports/device_store.hpp"

namespace doorstep {

class MemoryDeviceStore final : public DeviceStore {
 public:
  /// What enrolment gave the device.
  struct Identity {
    DeviceId device;
    KeyPair keys;
    HubId hub;
    PublicKey hub_key;
  };
  /// What a row is to be; nullopt removes it.
  struct RowWrite {
    RowKey key;
    std::optional<RowImage> image;
  };

  /// `schema` must outlive the store; take_schema()'s too.
  MemoryDeviceStore(const Schema& schema, const Identity& identity);

  /// One local transaction with the net change of these rows (SEMANTICS C3); the last write of a
  /// key counts. Returns its sequence, or nullopt when nothing changed.
  [[nodiscard]] Result<std::optional<Sequence>> write(std::span<const RowWrite> rows,
                                                      const ClockProbe& clock);

  /// The row shown, or nullopt.
  [[nodiscard]] std::optional<RowImage> row(const RowKey& key) const;
  /// All rows shown.
  [[nodiscard]] std::map<RowKey, RowImage> rows() const;
  /// The hub's values of a row as of the cursor, or nullopt.
  [[nodiscard]] std::optional<RowImage> base(const RowKey& key) const;
  /// Of the base rows that live in `scope`.
  [[nodiscard]] Digest digest(const ScopeId& scope) const;
  [[nodiscard]] const std::map<ConflictId, ConflictRecord>& conflicts() const { return conflicts_; }
  /// Verdicts other than `accepted`, by sequence.
  [[nodiscard]] const std::map<Sequence, Outcome>& outcomes() const { return outcomes_; }
  /// Rows that need bookkeeping because they have unconfirmed own writes.
  [[nodiscard]] std::size_t overlay_rows() const;
  /// Changes the hub's value of a row, or takes it away, behind the back of all bookkeeping: a
  /// damaged replica.
  void damage(const RowKey& key, const std::optional<RowImage>& image);
  /// An own transaction as it was written. Precondition: it exists.
  [[nodiscard]] const Transaction& transaction(Sequence sequence) const;

  [[nodiscard]] const Schema& schema() const override { return *schema_; }
  [[nodiscard]] Result<DeviceState> state() override;
  [[nodiscard]] Result<Push> outbox(Sequence after, std::size_t bytes_max) override;
  [[nodiscard]] Status acknowledge(const Ack& ack) override;
  [[nodiscard]] Result<std::optional<Salvage>> salvage() override;
  [[nodiscard]] Status salvaged(const Salvaged& confirmed) override;
  [[nodiscard]] Result<std::vector<BucketSums>> bucket_sums() override;
  [[nodiscard]] Result<Compared> compare(const Compare& asked) override;
  [[nodiscard]] Result<std::optional<Healed>> heal_report() override;
  [[nodiscard]] Status heal_noted(const HealNoted& noted) override;
  [[nodiscard]] Status stage(Changes changes) override;
  [[nodiscard]] Result<Applied> apply(Changes changes) override;
  [[nodiscard]] Result<Hash> digests_held() override { return digests_hash(digests_); }
  [[nodiscard]] Status drop_staged() override;
  [[nodiscard]] Status note_welcome(const Welcome& welcome, const ClockProbe& at) override;
  [[nodiscard]] Status remember_successor(const Successor& successor) override;
  [[nodiscard]] Status note_restored(const Restored& restored) override;
  [[nodiscard]] Result<bool> become_successor() override;
  /// As after a change of the schema: these columns are empty here and may not be at the hub.
  void gain(std::vector<NewColumn> columns) { new_columns_ = std::move(columns); }
  /// A new version of the app: from now on this schema holds, which adds to the one so far. What it
  /// adds is new here until the next checkpoint.
  void take_schema(const Schema& schema);

 private:
  static constexpr Sequence newest{~std::uint64_t{0}};

  struct OwnTransaction {
    Transaction content;
    Bytes body;
    Hash hash;             ///< of the chain, after it
    bool refused = false;  ///< rejected, dependent or quarantined: out of the overlay
    Position position;     ///< of the hub commit that merged it; zero: not known
    Instant kept_since;    ///< when a checkpoint included it
    /// A hub that was restored lacks it: it is to be sent again, and shows in the rows as they are.
    bool offered_again = false;
  };
  enum class Recovery { none, restored, reset };
  /// Rows kept for the hub, with the number of parts that it has.
  struct HeldParts {
    std::vector<Salvage> parts;
    std::size_t confirmed = 0;
  };
  struct BaseRow {
    ScopeId scope;
    RowImage image;
  };
  /// A row that a pull removed under unconfirmed own writes (SEMANTICS C1, B2).
  struct LastCopy {
    RowImage image;
    Position cursor;
    std::vector<NewColumn> unseen;  ///< columns that it never showed: those of a newer form
  };
  using BaseRows = std::map<RowKey, BaseRow>;

  [[nodiscard]] Sequence last() const { return own_.empty() ? Sequence{} : own_.rbegin()->first; }
  [[nodiscard]] Sequence told(Sequence here) const { return {here.value - earlier_.value}; }
  [[nodiscard]] Sequence here(Sequence told) const { return {told.value + earlier_.value}; }
  [[nodiscard]] std::vector<ObservedChange> unconfirmed(const RowKey& key, Sequence after,
                                                        Sequence through) const;
  [[nodiscard]] std::vector<RowKey> unconfirmed_rows() const;
  [[nodiscard]] std::optional<RowImage> folded(const RowKey& key, Sequence through) const;
  [[nodiscard]] std::optional<RowChange> captured(const RowKey& key,
                                                  const std::optional<RowImage>& after) const;
  void drop_unnamed(std::span<const Changes> batches, BaseRows& rows, Applied& applied) const;
  void note_differences(const BaseRows& after, Applied& applied) const;
  [[nodiscard]] Status apply_batch(const Changes& batch, const std::vector<ScopeId>& held,
                                   BaseRows& rows, Applied& applied) const;
  [[nodiscard]] Status apply_block(const RowBlock& block, BaseRows& rows, Applied& applied) const;
  [[nodiscard]] bool take_own(std::span<const Changes> batches, Sequence through,
                              BaseRows& rows) const;
  [[nodiscard]] ScopeId scope_of(const RowKey& key, const RowImage& image, const BaseRows& rows,
                                 std::size_t depth) const;
  void apply_conflicts(const Changes& batch, const std::vector<ScopeId>& held);
  void forget_conflicts(std::string_view table, const RowId& row);
  void leave_lost_scopes(const std::vector<ScopeId>& held, BaseRows& rows, Applied& applied);
  [[nodiscard]] Digest digest_in(const BaseRows& rows, const ScopeId& scope) const;
  [[nodiscard]] std::vector<ScopeId> differing_scopes(
      const BaseRows& rows, const std::vector<Checkpoint::ScopeDigest>& digests) const;
  void carry_references(RowChange& change) const;
  [[nodiscard]] Status keep_salvage(const Ack::Item& item, const OwnTransaction& own);
  void keep_last_copies(const BaseRows& after, Sequence included);
  void set_aside(const BaseRows& after);
  void keep_included(Sequence before, const Checkpoint& checkpoint);
  void drop_kept(Position backed_up);
  void take_back(const Ack& ack);
  [[nodiscard]] Sequence common_with(const Restored& restored) const;
  void begin_anew(Sequence merged);
  [[nodiscard]] bool has_gap() const { return lost_.value != 0 && acknowledged_ == lost_; }
  [[nodiscard]] Position position_to_tell(const OwnTransaction& own, Sequence sequence) const;
  void drop_idle_copies();

  const Schema* schema_;
  Fingerprint view_;  // of the schema of which everything has been seen (SEMANTICS B3)
  Fingerprint hub_schema_;
  Identity identity_;
  std::optional<Successor> successor_;
  /// The newest that was written under an earlier identity. What is kept here goes by the numbers
  /// that it had on this replica; the hub counts from there.
  Sequence earlier_;
  std::vector<ScopeId> scopes_;
  std::vector<Checkpoint::ScopeDigest> digests_;  // of the last checkpoint
  std::vector<ScopeId> held_;
  std::vector<ScopeId> expected_;
  std::vector<NewColumn> new_columns_;
  Position cursor_;
  CommitToken token_;
  Sequence acknowledged_;
  Sequence included_;
  Instant hub_seen_;
  BaseRows base_;
  std::map<Sequence, OwnTransaction> own_;
  std::map<RowKey, LastCopy> last_copies_;
  std::map<Sequence, Outcome> outcomes_;
  std::map<Sequence, HeldParts> salvage_;
  std::deque<Salvage> set_aside_;  // of sequence zero, not confirmed
  std::map<ConflictId, ConflictRecord> conflicts_;
  std::vector<Changes> staged_;
  bool differs_ = false;
  Healed healed_;
  std::uint64_t heal_noted_ = 0;  // of healed_.total
  Recovery recovery_ = Recovery::none;
  Sequence recovering_;
  Sequence unheld_;  // own ones through here are not held any more
  Sequence lost_;    // the hub lacks some of those through here; zero: none
};

}  // namespace doorstep
