// DeviceStore on a replica file: what a sync session reads and writes.
#pragma once

#include <doorstep/sync.hpp>

#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/row_table.hpp"
#include "client-sdk/src/staged_batches.hpp"
#include "client-sdk/src/traffic_book.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/device_store.hpp"

namespace doorstep {

class ChangesApplier;

class SqliteDeviceStore final : public DeviceStore {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteDeviceStore>> open(
      const std::string& path, const ReplicaOptions& options, const ReplicaSeams& seams);

  [[nodiscard]] const Schema& schema() const override { return file_.schema; }
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
  [[nodiscard]] Result<Hash> digests_held() override;
  [[nodiscard]] Status drop_staged() override;
  [[nodiscard]] Status note_welcome(const Welcome& welcome, const ClockProbe& at) override;
  [[nodiscard]] Status remember_successor(const Successor& successor) override;
  [[nodiscard]] Status note_restored(const Restored& restored) override;
  [[nodiscard]] Result<bool> become_successor() override;

  /// Reads every row against the running sum, once a day of hub time, or `now`: a row that was
  /// damaged behind the SDK's back shows in no running sum (SEMANTICS E2). A difference makes the
  /// next sync reconcile.
  [[nodiscard]] Status check_rows(bool now);

  // What syncs weigh (traffic_book.hpp):
  [[nodiscard]] Status note_traffic(const TrafficNote& note);
  /// DeviceSession::Options::sent_before, as the book has it.
  [[nodiscard]] Result<Sequence> sent_before();
  /// DeviceSession::Options::keep_mark and marked_before.
  [[nodiscard]] Status keep_push_mark(Sequence through);
  [[nodiscard]] Result<Sequence> push_mark();
  [[nodiscard]] Result<SyncEstimate> estimate();

 private:
  SqliteDeviceStore(ReplicaFile file, const Clock& clock, ReplicaSeams seams)
      : file_(std::move(file)),
        clock_(&clock),
        seams_(std::move(seams)),
        tables_(file_.db, file_.schema),
        staged_(file_.db) {}
  /// True: another connection brought a newer schema, which is known now.
  [[nodiscard]] Result<bool> refresh();
  [[nodiscard]] Result<DeviceState> state_now();
  /// load_state() in a write transaction. Error schema_changed.
  [[nodiscard]] Result<ReplicaState> locked_state();
  [[nodiscard]] Status apply_batches(ChangesApplier& applier, Changes last, Applied& applied);

  ReplicaFile file_;
  const Clock* clock_;
  ReplicaSeams seams_;
  RowTables tables_;
  StagedBatches staged_;
  struct Known {
    std::optional<Value> version;
    std::int64_t changes = 0;
    DeviceState state;
  };
  std::optional<Known> known_;   // what state() said last, and as of what
  std::optional<KeyPair> keys_;  // of the seed that state() read last
};

}  // namespace doorstep
