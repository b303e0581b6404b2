#include "engine/session/merge_pushes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"
#include "engine/session/commit_merge.hpp"
#include "engine/session/fork_pushes.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

// A transaction that is new in this commit and uses up its sequence.
struct Judged {
  TransactionId id;
  Outcome outcome;                      // of one that cannot be merged; else filled after the merge
  std::optional<std::size_t> incoming;  // its place in the batch given to merge()
  Bytes body;
};

// One request on its way through the commit.
struct Progress {
  std::optional<Error> refused;
  Sequence through;
  Position known_at;                // the commit of the newest that was on record
  std::vector<Ack::Item> told;      // recorded or put-off outcomes
  std::vector<std::size_t> judged;  // indices into GroupCommit::judged_
};

bool reaches_beyond(const Transaction& transaction, Position commit) {
  const auto beyond = [&](const std::optional<Position>& seen) { return seen && *seen >= commit; };
  if (transaction.observed >= commit) return true;
  return std::any_of(transaction.changes.begin(), transaction.changes.end(),
                     [&](const RowChange& row) {
                       return beyond(row.observed) ||
                              std::any_of(row.cells.begin(), row.cells.end(),
                                          [&](const CellChange& c) { return beyond(c.observed); });
                     });
}

/// A state that a later schema declares (SEMANTICS D5): the hub could not say what it stands
/// before.
std::optional<std::string> unknown_state(const Schema& schema, const Transaction& transaction) {
  for (const RowChange& change : transaction.changes) {
    const Table& table = schema.table(change.table);
    for (const CellChange& cell : change.cells) {
      const Column& column = table.column(cell.column);
      const auto* value = std::get_if<Value>(&cell.edit);
      if (value != nullptr && !knows_state(column, *value))
        return "table " + table.name + ", column " + column.name + ", state " + value->display();
    }
  }
  return std::nullopt;
}

Outcome quarantined(Error reason) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::quarantined;
  outcome.reason = std::move(reason);
  return outcome;
}

class GroupCommit {
 public:
  GroupCommit(const Schema& schema, LogSink& log, HubCommit& commit)
      : schema_(schema), log_(log), commit_(commit) {}

  // An error here is the storage's and ends the whole commit; a device's own failure is in its
  // Progress.
  Status take(const PushRequest& request, Progress& progress);
  Status merge_and_put();
  Status put_devices();
  [[nodiscard]] bool has_news() const { return !judged_.empty() || kept_; }
  [[nodiscard]] const Merged& merged() const { return merged_; }
  [[nodiscard]] std::vector<Ack::Item> items(const Progress& progress) const;

 private:
  Result<DeviceRecord*> locked_device(const DeviceId& id);
  Status take_fork(const PushRequest& request, Progress& progress);
  Result<std::size_t> recognise(const PushRequest& request, const DeviceRecord& device,
                                Progress& progress);
  void judge(const PushRequest& request, std::size_t known, const std::vector<Hash>& hashes,
             DeviceRecord& device, Progress& progress);
  Outcome admit(const PushRequest& request, const DeviceRecord& device, TransactionId id,
                ByteView body);
  void stamp(std::size_t first_incoming, DeviceRecord& device);

  const Schema& schema_;
  LogSink& log_;
  HubCommit& commit_;
  std::map<DeviceId, std::optional<DeviceRecord>> devices_;
  std::set<DeviceId> changed_devices_;
  bool kept_ = false;  // something of a fork is new in quarantine
  std::vector<Judged> judged_;
  std::vector<IncomingTransaction> incoming_;
  Merged merged_;
};

// Null when the hub does not know the device.
Result<DeviceRecord*> GroupCommit::locked_device(const DeviceId& id) {
  auto found = devices_.find(id);
  if (found == devices_.end()) {
    DS_ASSIGN(auto record, commit_.device(id));
    found = devices_.emplace(id, std::move(record)).first;
  }
  return found->second ? &*found->second : nullptr;
}

// How many of the pushed transactions the hub has already; their recorded outcomes are told again.
// The chain is followed from before the first, so that another history under known numbers is
// noticed.
Result<std::size_t> GroupCommit::recognise(const PushRequest& request, const DeviceRecord& device,
                                           Progress& progress) {
  const Push& push = request.push;
  const std::uint64_t first = push.first.value;
  if (first > device.merged.value) return std::size_t{0};
  const std::size_t known =
      std::min<std::size_t>(push.bodies.size(), device.merged.value - first + 1);
  Hash hash;
  for (std::size_t i = 0; i <= known; ++i) {
    // i == 0 is the predecessor of the first.
    const Sequence sequence{first + i - 1};
    if (sequence.value == 0) continue;
    // One that this commit is only now judging is not recorded yet.
    const auto fresh = std::find_if(judged_.begin(), judged_.end(), [&](const Judged& one) {
      return one.id.device == device.id && one.id.sequence == sequence;
    });
    std::optional<TransactionRecord> record;
    if (fresh != judged_.end()) {
      record = TransactionRecord{fresh->id, commit_.position(), {}};
    } else {
      DS_ASSIGN(record, commit_.transaction(device.id, sequence));
    }
    if (!record) return error(ErrorCode::internal, "a merged transaction is not on record");
    if (i == 0) {
      hash = record->id.hash;
      continue;
    }
    hash = chain_hash(hash, device.id, sequence, push.bodies[i - 1]);
    if (hash != record->id.hash && !DS_DEFECT("copy_unnoticed")) {
      progress.refused =
          error(ErrorCode::device_forked, "transaction " + std::to_string(sequence.value));
      return known;
    }
    progress.known_at = record->position;
    if (fresh != judged_.end()) {
      progress.judged.push_back(static_cast<std::size_t>(fresh - judged_.begin()));
    } else if (record->outcome.kind != Outcome::Kind::accepted) {
      progress.told.push_back({sequence, record->outcome});
    }
  }
  return known;
}

Status GroupCommit::take(const PushRequest& request, Progress& progress) {
  const Push& push = request.push;
  DS_ASSIGN(DeviceRecord * device, locked_device(request.device));
  if (device == nullptr) {
    progress.refused = error(ErrorCode::device_unknown, request.device.hex());
    return {};
  }
  progress.through = device->merged;
  if (push.first.value == 0) {
    progress.refused = error(ErrorCode::malformed, "sequence 0");
  } else if (request.fork) {
    return take_fork(request, progress);
  } else if (push.first > device->merged.next()) {
    progress.refused =
        error(ErrorCode::sequence_gap, "transaction " + std::to_string(device->merged.value + 1));
  }
  if (progress.refused || push.bodies.empty()) return {};
  DS_ASSIGN(std::size_t known, recognise(request, *device, progress));
  if (progress.refused) return {};
  if (DS_DEFECT("dedup_missing") && known > 0 && push.first.value > 1) {
    const Sequence before{push.first.value - 1};
    DS_ASSIGN(const auto record, commit_.transaction(device->id, before));
    if (record) {
      device->merged = before;
      device->head = record->id.hash;
      known = 0;
    }
  }
  std::vector<Hash> hashes;
  Hash hash = device->head;
  for (std::size_t i = known; i < push.bodies.size(); ++i) {
    const Sequence sequence{push.first.value + i};
    hash = chain_hash(hash, device->id, sequence, push.bodies[i]);
    hashes.push_back(hash);
  }
  if (!hashes.empty() && hash != push.head) {
    progress.refused = error(ErrorCode::hash_mismatch,
                             "transactions from " + std::to_string(push.first.value + known));
    return {};
  }
  judge(request, known, hashes, *device, progress);
  progress.through = device->merged;
  return {};
}

Status GroupCommit::take_fork(const PushRequest& request, Progress& progress) {
  if (request.push.bodies.empty()) return {};
  DS_ASSIGN(ForkVerdict verdict, keep_fork(commit_, request));
  kept_ = kept_ || verdict.kept;
  progress.refused = std::move(verdict.refused);
  progress.through = Sequence{request.push.first.value + request.push.bodies.size() - 1};
  progress.told = std::move(verdict.told);
  progress.known_at = verdict.known_at;
  return {};
}

void GroupCommit::judge(const PushRequest& request, std::size_t known,
                        const std::vector<Hash>& hashes, DeviceRecord& device, Progress& progress) {
  const Push& push = request.push;
  const std::size_t first_incoming = incoming_.size();
  for (std::size_t i = known; i < push.bodies.size(); ++i) {
    const TransactionId id{device.id, Sequence{push.first.value + i}, hashes[i - known]};
    Outcome outcome = admit(request, device, id, push.bodies[i]);
    if (outcome.kind == Outcome::Kind::not_yet) {
      progress.told.push_back({id.sequence, std::move(outcome)});
      break;
    }
    Judged judged{id, std::move(outcome), std::nullopt, {}};
    if (judged.outcome.kind == Outcome::Kind::quarantined) {
      log_.write(LogLevel::warning, "transaction_quarantined",
                 {{"device", id.device.hex()},
                  {"sequence", std::to_string(id.sequence.value)},
                  {"reason", judged.outcome.reason->text()}});
    } else {
      judged.incoming = incoming_.size() - 1;
      incoming_.back().granted = device.scopes;
      incoming_.back().granted_since = device.granted_since;
      incoming_.back().enrolled = device.enrolled;
    }
    judged.body = push.bodies[i];
    progress.judged.push_back(judged_.size());
    judged_.push_back(std::move(judged));
    device.merged = id.sequence;
    device.head = id.hash;
    changed_devices_.insert(device.id);
  }
  stamp(first_incoming, device);
}

// Accepted here only says that merge() is to see it.
Outcome GroupCommit::admit(const PushRequest& request, const DeviceRecord& device, TransactionId id,
                           ByteView body) {
  if (device.lost && !DS_DEFECT("lost_device_believed"))
    return quarantined(error(ErrorCode::device_lost));
  if (body.size() > limits::transaction_bytes_max) {
    return quarantined(error(ErrorCode::transaction_too_large));
  }
  auto content = decode_transaction(schema_, body);
  if (!content) {
    const ErrorCode code = content.error().code;
    if (code != ErrorCode::unknown_table && code != ErrorCode::unknown_column) {
      return quarantined(content.error());
    }
    Outcome outcome;
    outcome.kind = Outcome::Kind::not_yet;
    outcome.reason = error(ErrorCode::hub_too_old, content.error().text());
    return outcome;
  }
  const bool beyond = reaches_beyond(*content, commit_.position());
  if (auto unknown = unknown_state(schema_, *content)) {
    Outcome outcome;
    outcome.kind = Outcome::Kind::not_yet;
    outcome.reason = error(ErrorCode::hub_too_old, *std::move(unknown));
    return outcome;
  }
  const Stamp judged = stamp_of(content->time, request.clock, request.clock_met);
  incoming_.push_back({id, judged, std::move(content).value()});
  if (beyond) {
    incoming_.back().unfit =
        error(ErrorCode::malformed, "it claims to have seen what this hub never sent");
  }
  incoming_.back().view = &commit_.schemas().view_of(incoming_.back().content.view);
  return {};
}

// Stamps of one device rise with its sequence (SEMANTICS F1).
void GroupCommit::stamp(std::size_t first_incoming, DeviceRecord& device) {
  std::vector<Stamp> stamps;
  for (std::size_t i = first_incoming; i < incoming_.size(); ++i)
    stamps.push_back(incoming_[i].stamp);
  if (stamps.empty()) return;
  make_rising(stamps, device.last_stamp);
  for (std::size_t i = 0; i < stamps.size(); ++i) incoming_[first_incoming + i].stamp = stamps[i];
  device.last_stamp = stamps.back();
}

Status GroupCommit::merge_and_put() {
  DS_ASSIGN(merged_, merge_into(commit_, schema_, incoming_));
  std::vector<TransactionRecord> records;
  for (Judged& judged : judged_) {
    if (judged.incoming) judged.outcome = merged_.outcomes[*judged.incoming];
    if (judged.outcome.kind == Outcome::Kind::quarantined) {
      const Error reason = judged.outcome.reason.value_or(error(ErrorCode::internal));
      DS_TRY(
          commit_.put_quarantine({judged.id, commit_.position(), reason, std::move(judged.body)}));
    }
    records.push_back({judged.id, commit_.position(), judged.outcome});
    if (!judged.incoming) continue;
    const IncomingTransaction& taken = incoming_[*judged.incoming];
    records.back().claimed = Instant{taken.content.time.clock.wall_ms};
    records.back().corrected = taken.stamp.latest();
  }
  return commit_.put_transactions(records);
}

Status GroupCommit::put_devices() {
  for (const DeviceId& id : changed_devices_) DS_TRY(commit_.put_device(*devices_.at(id)));
  return {};
}

std::vector<Ack::Item> GroupCommit::items(const Progress& progress) const {
  std::vector<Ack::Item> items = progress.told;
  for (const std::size_t index : progress.judged) {
    const Judged& judged = judged_[index];
    if (judged.outcome.kind != Outcome::Kind::accepted) {
      items.push_back({judged.id.sequence, judged.outcome});
    }
  }
  std::sort(items.begin(), items.end(),
            [](const Ack::Item& a, const Ack::Item& b) { return a.sequence < b.sequence; });
  return items;
}

Result<std::vector<Result<PushResult>>> run(HubStore& store, LogSink& log,
                                            std::span<const PushRequest> requests, Instant now,
                                            const CommitToken& token) {
  DS_ASSIGN(auto commit, store.begin());
  GroupCommit group(store.schema(), log, *commit);
  std::vector<Progress> progress(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) DS_TRY(group.take(requests[i], progress[i]));
  const Position position = commit->position();
  if (group.has_news()) {
    DS_TRY(group.merge_and_put());
    DS_TRY(group.put_devices());
    DS_TRY(commit->commit(now, token));
  }
  std::vector<Result<PushResult>> results;
  for (const Progress& one : progress) {
    if (one.refused) {
      results.emplace_back(*one.refused);
      continue;
    }
    PushResult result;
    result.ack = {one.through, now, group.items(one), one.known_at};
    if (!one.judged.empty()) {
      result.position = result.ack.position = position;
      const Merged& merged = group.merged();
      result.touched = {merged.touched.begin(), merged.touched.end()};
      result.tree_changed = merged.tree_changed;
    }
    results.emplace_back(std::move(result));
  }
  return results;
}

}  // namespace

std::vector<Result<PushResult>> merge_pushes(HubStore& store, LogSink& log,
                                             std::span<const PushRequest> requests, Instant now,
                                             const CommitToken& token) {
  auto results = run(store, log, requests, now, token);
  if (results) return std::move(results).value();
  log.write(LogLevel::error, "merge_failed", {{"error", results.error().text()}});
  return std::vector<Result<PushResult>>(requests.size(), Result<PushResult>(results.error()));
}

}  // namespace doorstep
