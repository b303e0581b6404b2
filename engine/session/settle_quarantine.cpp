#include "engine/session/settle_quarantine.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/session/commit_merge.hpp"
#include "engine/session/completed_rows.hpp"
#include "engine/session/push_rounds.hpp"
#include "engine/session/reoffered.hpp"
#include "engine/session/resent_work.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

Error of(const TransactionId& id, const Error& reason) {
  return error(reason.code, "transaction " + std::to_string(id.sequence.value) + " of " +
                                id.device.hex() + (reason.detail.empty() ? "" : ": ") +
                                reason.detail);
}

/// Each device's in the order in which it wrote them.
bool written_before(const TransactionId& a, const TransactionId& b) {
  return std::tie(a.device, a.sequence, a.hash) < std::tie(b.device, b.sequence, b.hash);
}

Result<std::vector<QuarantineRecord>> waiting(HubCommit& commit, std::vector<TransactionId> ids) {
  std::sort(ids.begin(), ids.end(), written_before);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<QuarantineRecord> records;
  for (const TransactionId& id : ids) {
    DS_ASSIGN(auto record, commit.quarantined(id));
    if (!record) return of(id, error(ErrorCode::not_found));
    if (record->state != QuarantineState::waiting) {
      return of(
          id, error(ErrorCode::quarantine_state,
                    "it is " + std::string(name_of(record->state)) + " by " + record->settled_by));
    }
    records.push_back(*std::move(record));
  }
  return records;
}

void cut(std::optional<Position>& observed, Position last) {
  if (observed) observed = std::min(*observed, last);
}

/// What a hub lost cannot have been seen here (SEMANTICS G3).
void cut_observed(Transaction& transaction, Position last) {
  transaction.observed = std::min(transaction.observed, last);
  for (RowChange& change : transaction.changes) {
    cut(change.observed, last);
    for (CellChange& cell : change.cells) cut(cell.observed, last);
  }
}

/// What would have lived only through it is not given up any more.
Status lift(HubCommit& commit, const TransactionId& id) {
  DS_ASSIGN(std::vector<FallenRow> fallen, commit.fallen(id.device));
  std::erase_if(fallen, [&](const FallenRow& row) { return row.root != id.sequence; });
  for (FallenRow& row : fallen) row.root.reset();
  return fallen.empty() ? Status() : commit.put_fallen(fallen);
}

class Admission {
 public:
  Admission(HubCommit& commit, Instant now)
      : commit_(commit),
        schema_(commit.schemas().newest()),
        now_(now),
        last_{commit.position().value - 1} {}

  /// `with_held`: rows that the hub lacks come as its device had them.
  Status take(const QuarantineRecord& record, bool with_held = true);
  Result<std::vector<Outcome>> merge();
  [[nodiscard]] const Merged& merged() const { return merged_; }
  Status put(const QuarantineDecision& decision, std::vector<QuarantineRecord> records,
             const std::vector<Outcome>& outcomes);

 private:
  HubCommit& commit_;
  const Schema& schema_;
  Instant now_;
  Position last_;
  std::vector<IncomingTransaction> incoming_;
  std::vector<std::optional<TransactionRecord>> recorded_;
  std::set<RowKey> coming_;  // rows that an earlier one brings
  Merged merged_;
};

Status Admission::take(const QuarantineRecord& record, bool with_held) {
  if (record.reason.code == ErrorCode::device_forked) {
    // Two copies are two authors: under the name of one, the other's work would replace it unseen.
    return of(record.id, error(ErrorCode::copy_not_admitted));
  }
  auto content = decode_transaction(schema_, record.body);
  if (!content) return of(record.id, content.error());
  DS_ASSIGN(const auto device, commit_.device(record.id.device));
  if (!device) return error(ErrorCode::device_unknown, record.id.device.hex());
  DS_ASSIGN(auto recorded, commit_.transaction(record.id.device, record.id.sequence));
  if (recorded && recorded->id != record.id) recorded.reset();
  std::vector<Salvage> parts;
  if (recorded) {  // not what a copy of the phone wrote under the same number
    DS_TRY(lift(commit_, record.id));
    if (with_held) {
      DS_ASSIGN(parts, commit_.salvage(record.id.device, record.id.sequence));
    }
  }
  DS_ASSIGN(const HeldRows held, rows_of(schema_, parts));
  IncomingTransaction one;
  one.id = record.id;
  one.stamp = Stamp::at(recorded && recorded->corrected ? *recorded->corrected : now_);
  one.content = std::move(content).value();
  DS_ASSIGN(const auto again, commit_.epochs().reoffered(record.id.device, record.position));
  if (again) one.reoffer = reoffer_of(*device, record.id.sequence, again->was);
  // A row that comes as its device held it is as new as this commit.
  if (one.reoffer && !held.empty()) cut_observed(one.content, std::exchange(one.reoffer, {})->cut);
  cut_observed(one.content, last_);
  one.granted = device->scopes;
  one.granted_since = device->granted_since;
  one.enrolled = device->enrolled;
  one.view = &commit_.schemas().view_of(one.content.view, device->role);
  one.rights = &commit_.schemas().rights_of(device->role);
  if (const Status done = complete_rows(commit_, schema_, held, coming_, one); !done) {
    return of(record.id, done.error());
  }
  incoming_.push_back(std::move(one));
  recorded_.push_back(std::move(recorded));
  return {};
}

Result<std::vector<Outcome>> Admission::merge() {
  DS_TRY(refuse_repeats(commit_, incoming_));
  DS_ASSIGN(merged_, merge_into(commit_, schema_, incoming_));
  for (std::size_t i = 0; i < incoming_.size(); ++i) {
    const Outcome& outcome = merged_.outcomes[i];
    if (outcome.kind == Outcome::Kind::accepted || outcome.kind == Outcome::Kind::merged) continue;
    return of(incoming_[i].id, outcome.reason.value_or(error(ErrorCode::internal)));
  }
  DS_TRY(note_resent(commit_, incoming_, merged_.outcomes, now_));
  return merged_.outcomes;
}

Status Admission::put(const QuarantineDecision& decision, std::vector<QuarantineRecord> records,
                      const std::vector<Outcome>& outcomes) {
  std::vector<TransactionRecord> transactions;
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].state = QuarantineState::admitted;
    records[i].settled = commit_.position();
    records[i].settled_at = decision.now;
    records[i].settled_by = decision.by;
    DS_TRY(commit_.put_quarantine(records[i]));
    if (!recorded_[i]) continue;
    recorded_[i]->position = commit_.position();
    recorded_[i]->outcome = outcomes[i];
    transactions.push_back(*std::move(recorded_[i]));
  }
  return commit_.put_transactions(transactions);
}

}  // namespace

Result<Admitted> admit_quarantined(HubStore& store, const QuarantineDecision& decision) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto records, waiting(*commit, decision.ids));
  Admitted admitted;
  Admission admission(*commit, decision.now);
  for (const QuarantineRecord& record : records) {
    DS_TRY(admission.take(record));
    admitted.ids.push_back(record.id);
  }
  DS_ASSIGN(admitted.outcomes, admission.merge());
  DS_TRY(admission.put(decision, std::move(records), admitted.outcomes));
  admitted.position = commit->position();
  DS_TRY(commit->commit(decision.now, decision.token));
  return admitted;
}

namespace {

/// Waits for rows since it was offered again; as written.
Result<std::vector<QuarantineRecord>> offered_early(HubStore& store) {
  constexpr std::size_t all = ~std::size_t{0};
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(auto records, snapshot->quarantine({all, true}));
  std::erase_if(records, [](const QuarantineRecord& record) {
    return record.reason.code != ErrorCode::row_unknown;
  });
  if (records.empty()) return records;
  DS_ASSIGN(const auto commit, store.begin());
  std::vector<QuarantineRecord> early;
  for (QuarantineRecord& record : records) {
    DS_ASSIGN(const auto again, commit->epochs().reoffered(record.id.device, record.position));
    if (again) early.push_back(std::move(record));
  }
  std::sort(early.begin(), early.end(),
            [](const auto& a, const auto& b) { return written_before(a.id, b.id); });
  return early;
}

/// The first that can be merged by now is, in one commit; false: none can.
Result<bool> admit_one(HubStore& store, std::vector<QuarantineRecord>& early,
                       const QuarantineDecision& decision, Arrived& arrived) {
  DS_ASSIGN(const auto commit, store.begin());
  for (std::size_t i = 0; i < early.size(); ++i) {
    Admission admission(*commit, decision.now);
    const Status merged = commit->savepoint([&]() -> Status {
      DS_TRY(admission.take(early[i], false));
      DS_ASSIGN(const auto outcomes, admission.merge());
      return admission.put(decision, {early[i]}, outcomes);
    });
    if (!merged) continue;
    arrived.position = commit->position();
    DS_TRY(commit->commit(decision.now, decision.token));
    ++arrived.count;
    arrived.touched.insert(admission.merged().touched.begin(), admission.merged().touched.end());
    arrived.tree_changed = arrived.tree_changed || admission.merged().tree_changed;
    early.erase(early.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

}  // namespace

Result<Arrived> admit_arrived(HubStore& store, Instant now, const CommitToken& token) {
  Arrived arrived;
  if (DS_DEFECT("waiting_not_admitted")) return arrived;
  DS_ASSIGN(auto early, offered_early(store));
  for (bool more = !early.empty(); more;) {
    const QuarantineDecision decision{
        {}, store.identity().name, now, token_of(token, arrived.count)};
    DS_ASSIGN(more, admit_one(store, early, decision, arrived));
  }
  return arrived;
}

Result<Position> discard_quarantined(HubStore& store, const QuarantineDecision& decision) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto records, waiting(*commit, decision.ids));
  for (QuarantineRecord& record : records) {
    record.state = QuarantineState::discarded;
    record.settled = commit->position();
    record.settled_at = decision.now;
    record.settled_by = decision.by;
    DS_TRY(commit->put_quarantine(record));
  }
  const Position position = commit->position();
  DS_TRY(commit->commit(decision.now, decision.token));
  return position;
}

}  // namespace doorstep
