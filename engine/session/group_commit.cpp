#include "engine/session/group_commit.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"
#include "engine/session/fork_pushes.hpp"
#include "engine/session/gap_end.hpp"
#include "engine/session/reoffered.hpp"
#include "engine/session/resent_work.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

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

/// Of this device, and so long ago that nobody can send it any more? One that has nothing in common
/// with a hub that was begun anew may have written more until it heard of that.
Result<bool> is_lost(HubCommit& commit, const Push& push, const DeviceRecord& device) {
  if (!push.missing || device.cut_epoch == 0) return false;
  if (push.first.value - 1 <= device.cut_through.value) return true;
  if (device.cut != Position{}) return false;
  DS_ASSIGN(const auto epochs, commit.epochs().all());
  return std::any_of(epochs.begin(), epochs.end(),
                     [](const EpochRecord& one) { return !one.parent && one.epoch > 1; });
}

void mark_reoffer(const Push& push, std::size_t index, const DeviceRecord& device,
                  IncomingTransaction& incoming) {
  const Position was = index < push.was.size() ? push.was[index] : Position{};
  incoming.reoffer = reoffer_of(device, incoming.id.sequence, was);
  if (was == refused_before && !DS_DEFECT("refused_taken_again"))
    incoming.unfit = error(ErrorCode::refused_before);
}

}  // namespace

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
    if (!record) {
      DS_ASSIGN(record, end_of_gap(commit_, device.id, sequence));
    }
    // A hub that was begun anew goes on from a number that it has nothing of. What follows it there
    // is told from another history by the end of the push.
    if (!record && i == 0) continue;
    if (!record) return error(ErrorCode::internal, "a merged transaction is not on record");
    if (i == 0) {
      hash = record->id.hash;
      continue;
    }
    const bool follows_nothing = i == 1 && first > 1 && hash == Hash{};
    const bool is_last = i == push.bodies.size();
    hash = !follows_nothing ? chain_hash(hash, device.id, sequence, push.bodies[i - 1])
           : is_last        ? push.head
                            : record->id.hash;
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
  bool follows = push.first <= device->merged.next();
  if (!follows && !request.fork) {
    DS_ASSIGN(follows, is_lost(commit_, push, *device));
  }
  if (push.first.value == 0) {
    progress.refused = error(ErrorCode::malformed, "sequence 0");
  } else if (request.fork) {
    return take_fork(request, progress);
  } else if (!follows) {
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
  const bool gap = push.first > device->merged.next();
  std::vector<Hash> hashes;
  Hash hash = gap ? *push.missing : device->head;
  for (std::size_t i = known; i < push.bodies.size(); ++i) {
    const Sequence sequence = push.number_of(i);
    hash = chain_hash(hash, device->id, sequence, push.bodies[i]);
    hashes.push_back(hash);
  }
  if (!hashes.empty() && hash != push.head) {
    progress.refused = error(ErrorCode::hash_mismatch,
                             "transactions from " + std::to_string(push.number_of(known).value));
    return {};
  }
  if (gap) DS_TRY(note_gap(push, *device));
  judge(request, known, hashes, *device, progress);
  progress.through = device->merged;
  return {};
}

Status GroupCommit::note_gap(const Push& push, DeviceRecord& device) {
  const Sequence through{push.first.value - 1};
  log_.write(LogLevel::warning, "transactions_missing",
             {{"device", device.id.hex()},
              {"from", std::to_string(device.merged.value + 1)},
              {"through", std::to_string(through.value)}});
  if (!DS_DEFECT("gap_unlisted"))
    DS_TRY(
        commit_.epochs().put_gap({device.id, device.merged.next(), through, *push.missing, now_}));
  device.merged = through;
  device.head = *push.missing;
  changed_devices_.insert(device.id);
  kept_ = true;
  return {};
}

Status GroupCommit::take_fork(const PushRequest& request, Progress& progress) {
  if (request.push.bodies.empty()) return {};
  DS_ASSIGN(ForkVerdict verdict, keep_fork(commit_, request));
  kept_ = kept_ || verdict.kept;
  progress.refused = std::move(verdict.refused);
  progress.through = request.push.last();
  progress.told = std::move(verdict.told);
  progress.known_at = verdict.known_at;
  return {};
}

void GroupCommit::judge(const PushRequest& request, std::size_t known,
                        const std::vector<Hash>& hashes, DeviceRecord& device, Progress& progress) {
  const Push& push = request.push;
  const std::size_t first_incoming = incoming_.size();
  for (std::size_t i = known; i < push.bodies.size(); ++i) {
    const TransactionId id{device.id, push.number_of(i), hashes[i - known]};
    Outcome outcome = admit(request, device, id, i);
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
      mark_reoffer(push, i, device, incoming_.back());
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

Result<Transaction> GroupCommit::content_of(const PushRequest& request, std::size_t index) const {
  const auto& read = request.read;
  const bool is_read = read && read->schema == schema_.fingerprint() &&
                       read->contents.size() == request.push.bodies.size();
  return is_read ? std::exchange(read->contents[index], error(ErrorCode::internal))
                 : decode_transaction(schema_, request.push.bodies[index]);
}

// Accepted here only says that merge() is to see it.
Outcome GroupCommit::admit(const PushRequest& request, const DeviceRecord& device, TransactionId id,
                           std::size_t index) {
  const ByteView body = request.push.bodies[index];
  if (device.lost && !DS_DEFECT("lost_device_believed"))
    return quarantined(error(ErrorCode::device_lost));
  if (body.size() > limits::transaction_bytes_max) {
    return quarantined(error(ErrorCode::transaction_too_large));
  }
  auto content = content_of(request, index);
  if (!content) {
    const ErrorCode code = content.error().code;
    const bool is_newer = code == ErrorCode::unknown_table || code == ErrorCode::unknown_column;
    if (!is_newer || DS_DEFECT("unknown_table_refused")) {
      return quarantined(content.error());
    }
    Outcome outcome;
    outcome.kind = Outcome::Kind::not_yet;
    outcome.reason = error(ErrorCode::hub_too_old, content.error().text());
    return outcome;
  }
  // What was written on a lost history had seen that one; it counts up to the common point.
  const bool of_lost_history = device.cut_epoch != 0 && id.sequence <= device.cut_through;
  const bool beyond = !of_lost_history && reaches_beyond(*content, commit_.position());
  if (auto unknown = unknown_state(schema_, *content);
      unknown && !DS_DEFECT("unknown_state_taken")) {
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
  // Who has no scopes is the hub itself.
  if (device.scopes.empty()) return {};
  const SchemaHistory& schemas = commit_.schemas();
  incoming_.back().view = &schemas.view_of(incoming_.back().content.view, device.role);
  incoming_.back().rights = &schemas.rights_of(device.role);
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

bool GroupCommit::has_reoffered() const {
  return std::any_of(incoming_.begin(), incoming_.end(),
                     [](const IncomingTransaction& one) { return one.reoffer.has_value(); });
}

// What is offered again ahead of rows that it needs waits here for them, with all that builds on
// it; what a lost hub had refused stays refused.
Status GroupCommit::wait_for_rows(const Judged& judged,
                                  const std::vector<TransactionRecord>& earlier, Outcome& outcome) {
  const IncomingTransaction& taken = incoming_[*judged.incoming];
  if (!taken.reoffer) return {};
  if (taken.reoffer->was == refused_before && !DS_DEFECT("refused_taken_again"))
    outcome.kind = Outcome::Kind::rejected;
  if (outcome.kind != Outcome::Kind::depends_on) return {};
  const auto fresh = std::find_if(earlier.begin(), earlier.end(), [&](const auto& one) {
    return one.id.device == judged.id.device && one.id.sequence == outcome.depends_on;
  });
  std::optional<TransactionRecord> root;
  if (fresh != earlier.end()) {
    root = *fresh;
  } else {
    DS_ASSIGN(root, commit_.transaction(judged.id.device, outcome.depends_on));
  }
  if (!root || !lacks_row(root->outcome)) return {};
  outcome = quarantined(error(ErrorCode::row_unknown, "it builds on transaction " +
                                                          std::to_string(root->id.sequence.value)));
  return {};
}

Status GroupCommit::merge_and_put() {
  DS_TRY(refuse_repeats(commit_, incoming_));
  DS_ASSIGN(merged_, merge_into(commit_, schema_, incoming_));
  DS_TRY(note_resent(commit_, incoming_, merged_.outcomes, now_));
  std::vector<TransactionRecord> records;
  for (Judged& judged : judged_) {
    if (judged.incoming) {
      judged.outcome = merged_.outcomes[*judged.incoming];
      DS_TRY(wait_for_rows(judged, records, judged.outcome));
    }
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

}  // namespace doorstep
