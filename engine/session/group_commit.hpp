// One hub commit in the making: pushes of many devices are judged one after another, merged
// together and put, with what is to be said to each. A part of merge_pushes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/session/commit_merge.hpp"
#include "engine/session/merge_pushes.hpp"

namespace doorstep {

/// A transaction that is new in this commit and uses up its sequence.
struct Judged {
  TransactionId id;
  Outcome outcome;                      // of one that cannot be merged; else filled after the merge
  std::optional<std::size_t> incoming;  // its place in the batch given to merge()
  Bytes body;
};

/// One request on its way through the commit.
struct Progress {
  std::optional<Error> refused;
  Sequence through;
  Position known_at;                // the commit of the newest that was on record
  std::vector<Ack::Item> told;      // recorded or put-off outcomes
  std::vector<std::size_t> judged;  // indices into GroupCommit::judged_
};

class GroupCommit {
 public:
  GroupCommit(const Schema& schema, LogSink& log, HubCommit& commit, Instant now)
      : schema_(schema), log_(log), commit_(commit), now_(now) {}

  // An error here is the storage's and ends the whole commit; a device's own failure is in its
  // Progress.
  Status take(const PushRequest& request, Progress& progress);
  Status merge_and_put();
  Status put_devices();
  [[nodiscard]] bool has_news() const { return !judged_.empty() || kept_; }
  [[nodiscard]] bool has_reoffered() const;
  [[nodiscard]] const Merged& merged() const { return merged_; }
  [[nodiscard]] std::vector<Ack::Item> items(const Progress& progress) const;

 private:
  Result<DeviceRecord*> locked_device(const DeviceId& id);
  Status take_fork(const PushRequest& request, Progress& progress);
  Status note_gap(const Push& push, DeviceRecord& device);
  Status wait_for_rows(const Judged& judged, const std::vector<TransactionRecord>& earlier,
                       Outcome& outcome);
  Result<std::size_t> recognise(const PushRequest& request, const DeviceRecord& device,
                                Progress& progress);
  void judge(const PushRequest& request, std::size_t known, const std::vector<Hash>& hashes,
             DeviceRecord& device, Progress& progress);
  Outcome admit(const PushRequest& request, const DeviceRecord& device, TransactionId id,
                std::size_t index);
  Result<Transaction> content_of(const PushRequest& request, std::size_t index) const;
  void stamp(std::size_t first_incoming, DeviceRecord& device);

  const Schema& schema_;
  LogSink& log_;
  HubCommit& commit_;
  const Instant now_;
  std::map<DeviceId, std::optional<DeviceRecord>> devices_;
  std::set<DeviceId> changed_devices_;
  bool kept_ = false;  // something of a fork is new in quarantine, or a gap is known
  std::vector<Judged> judged_;
  std::vector<IncomingTransaction> incoming_;
  Merged merged_;
};

}  // namespace doorstep
