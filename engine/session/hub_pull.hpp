// The pull of one connection as the hub sees it: what was asked, what has been sent, what is to be
// read next. A part of HubSession: it owns no frames and no store. Not thread-safe, deterministic.
#pragma once

#include <optional>
#include <vector>

#include "engine/session/hub_session.hpp"

namespace doorstep {

class HubPull {
 public:
  struct BatchSize {
    std::size_t rows_max = 0;
    std::size_t bytes_max = 0;
  };
  /// What is to be sent after a read; an ack goes before the changes.
  struct Said {
    std::optional<Ack> ack;
    std::optional<Changes> changes;
    std::shared_ptr<const Bytes> frame;  ///< to be sent in place of the changes
    std::optional<Restart> restart;
    bool live = false;       ///< changes of a live pull, after its first checkpoint
    bool elsewhere = false;  ///< another connection pushes as this device: it is to call again
    std::optional<OverBudget> over_budget;  ///< not even the smallest piece fits: nothing else then
  };

  explicit HubPull(BatchSize size) : size_(size) {}

  /// After Welcome: the device, what it sees, where it stands, what is merged, what it knows of
  /// that, its schema.
  void begin(const Hello& hello, std::vector<ScopeId> visible, Sequence merged, Sequence told);
  /// Errors: unexpected_message when another pull is open or the cursor is not the one that was
  /// given; a reconcile takes the place of any, from any cursor, and so does one that asks for own
  /// rows that were left out.
  [[nodiscard]] Status on_pull(const Pull& pull);
  void on_credit(std::uint32_t messages);
  void on_head(Position head);       ///< the hub has committed up to here
  void on_merged(Sequence through);  ///< own transactions are durable up to here
  void on_told(Sequence through);    ///< and the device has been sent their outcomes

  /// Cursor, token and digests that the device has when it took all that it was sent.
  void stands_at(Hello& hello) const;

  /// A checkpoint follows whatever is merged of the device.
  [[nodiscard]] bool follows() const { return pull_ && pull_->live && checkpointed_; }

  /// The read that is due, or nullopt: at most one is out at a time, and none without credit.
  [[nodiscard]] std::optional<FeedQuestion> next_question();
  /// Of the question that is out.
  [[nodiscard]] Said on_answer(const FeedAnswer& answer, Instant now);

  /// What a device with a byte budget allows; what does not fit is read again, smaller.
  std::optional<std::uint64_t> answer_bytes;
  std::size_t merging = 0;                ///< own pushes that are with the merge writer
  std::optional<Position> granted_since;  ///< of the grants that `visible` comes from, if known
  std::vector<PastIdentity> before;       ///< who the device was
  Hash digests_held;                      ///< Hello.digests, until a checkpoint has gone

 private:
  [[nodiscard]] bool wants_read() const;
  [[nodiscard]] bool fits(const Said& said) const;
  [[nodiscard]] Said cut_smaller(const Said& said, std::uint64_t remaining);
  [[nodiscard]] Checkpoint checkpoint_of(const FeedAnswer& answer) const;
  void name_digests(const FeedAnswer& answer, Checkpoint& checkpoint) const;

  BatchSize size_;
  DeviceId device_;
  Fingerprint device_schema_;
  std::vector<ScopeId> visible_;
  std::vector<Digest> told_digests_;  // in the last checkpoint sent, by visible_; empty: none
  CommitToken token_;                 // of the commit at cursor_
  Position cursor_;                   // of the last checkpoint sent, or what Hello said
  Position head_;                     // newest commit heard of
  Position read_head_;                // head of the last complete read
  Sequence merged_;
  Sequence told_;
  Sequence included_;  // in the last checkpoint sent
  std::optional<Pull> pull_;
  std::optional<ScanPoint> scan_;               // in the middle of a pull
  std::optional<std::uint64_t> still_to_come_;  // after scan_, as the last batch said
  std::optional<Refill> refill_;                // of a reconcile that goes on
  bool out_of_date_ = false;   // the read that is out belongs to a pull that was replaced
  bool left_out_ = false;      // a checkpoint of this connection has left own rows out
  bool checkpointed_ = false;  // this pull has had a checkpoint (only a live one goes on)
  bool reading_ = false;
  std::uint32_t halvings_ = 0;  // of the batch size, because of answer_bytes
  bool awaits_merge_ = false;   // the store is ahead of what the merge writer has told
  std::uint32_t credit_ = 0;
};

}  // namespace doorstep
