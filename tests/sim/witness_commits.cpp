// The commits that the hub has: on the line of its history, whole or in the parts in which work
// comes that is offered again (SEMANTICS G).
#include <algorithm>
#include <utility>

#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

std::string number(const Sequence& sequence) { return std::to_string(sequence.value); }

bool stands(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::accepted || outcome.kind == Outcome::Kind::merged;
}

/// Of the commit with this number.
std::uint64_t epoch_of(const std::vector<EpochRecord>& epochs, std::uint64_t commit) {
  std::uint64_t epoch = epochs.front().epoch;
  for (const EpochRecord& one : epochs) {
    if (one.parent && one.parent_position.number() < commit) epoch = one.epoch;
  }
  return epoch;
}

}  // namespace

bool Witness::has(const TransactionId& id) {
  const Device& device = devices_[id.device];
  const auto taken = device.hub.taken.find(id.sequence);
  if (taken != device.hub.taken.end() && taken->second == id.hash) return true;
  return device.set_aside.contains(id.hash) || sealed_.contains(id.hash);
}

bool Witness::is_listed(const TransactionId& id) {
  const auto& gaps = gaps_[id.device];
  return std::any_of(gaps.begin(), gaps.end(), [&](const GapRecord& gap) {
    return gap.from <= id.sequence && id.sequence <= gap.through;
  });
}

bool Witness::is_on_line(const std::pair<Position, CommitToken>& at) const {
  const auto found = line_.find(at.first);
  return found != line_.end() && found->second == at.second;
}

void Witness::note_commits(HubSnapshot& snapshot, const ViewSums& rows) {
  const std::uint64_t newest = snapshot.head().number();
  const auto epochs = snapshot.epochs().value();
  context_.counts.hub_commits += newest - head_.number();
  for (std::uint64_t n = head_.number() + 1; n <= newest; ++n) {
    const Position position = Position::of(epoch_of(epochs, n), n);
    const auto token = snapshot.token(position).value();
    // Positions have no gap.
    if (!token) {
      context_.wrong("the hub has no commit " + std::to_string(n));
      continue;
    }
    // Nor is one given twice, whatever the hub lost: tokens keep them apart, but `was` does not.
    const auto before = history_.lower_bound({position, CommitToken{}});
    if (before != history_.end() && before->first.first == position &&
        position.epoch() > unsure_through_)
      context_.wrong("the hub gives position " + std::to_string(n) + " of epoch " +
                     std::to_string(position.epoch()) + " once more");
    line_[position] = *token;
    history_[{position, *token}] = rows;
    committed_ms_[position] = context_.events.now();
  }
  backed_up_ = std::max(backed_up_, snapshot.backed_up().value());
  if (generation_ == 0) return;
  for (const auto& [id, device] : devices_) {
    auto& known = gaps_[id];
    auto listed = snapshot.gaps(id).value();
    for (std::size_t i = known.size(); i < listed.size(); ++i)
      context_.counts.missing += listed[i].through.value - listed[i].from.value + 1;
    known = std::move(listed);
  }
}

bool Witness::note_taken(const Incoming& one, const TransactionRecord& found,
                         HubSnapshot& snapshot) {
  const TransactionId& id = one.transaction.id;
  check_times(one, found);
  if (found.id.hash != id.hash) context_.wrong("another hash than was pushed");
  const auto& reason = found.outcome.reason;
  context_.trace.note("hub", "finds transaction " + number(id.sequence) + " of " +
                                 names_[id.device] + " " +
                                 std::string(name_of(found.outcome.kind)) +
                                 (reason ? ": " + reason->text() : std::string()));
  ++(stands(found.outcome) ? context_.counts.merged : context_.counts.rejected);
  check_fate(one, found.outcome, snapshot);
  check_again(one, found.outcome);
  // Nothing is at the hub that nobody wrote.
  if (!written_.contains(id.hash) && !names_[id.device].empty() &&
      !devices_[id.device].wrote_unseen)
    context_.wrong("the hub takes transaction " + number(id.sequence) + ", which nobody wrote");
  devices_[id.device].merged_in[id.sequence] = found.position;
  if (!once_.emplace(id.hash, Once{found.position, context_.events.now()}).second)
    ++context_.counts.offered_again;
  if (found.outcome.kind == Outcome::Kind::quarantined) waiting_.push_back(one);
  return stands(found.outcome);
}

// No phone of ours says what cannot be; and what its author was told is refused stays so, for she
// may have written it once more in another form.
void Witness::check_again(const Incoming& one, const Outcome& outcome) {
  const Hash& hash = one.transaction.id.hash;
  if (outcome.reason && outcome.reason->code == ErrorCode::malformed)
    context_.wrong("a transaction is malformed: " + outcome.reason->text());
  // The office is no phone: it writes the villages anew, maybe as it had before.
  const bool is_phone = !names_[one.transaction.id.device].empty();
  if (thrown_away_.contains(hash) && is_begun_anew_ && is_phone)
    context_.wrong("transaction " + number(one.transaction.id.sequence) +
                   " was thrown away with the hub's rows, and is back");
  if (stands(outcome) && unasked_.contains(hash) && is_begun_anew_)
    context_.wrong("transaction " + number(one.transaction.id.sequence) +
                   " was written for the hub that was thrown away, and nobody was asked");
  if (stands(outcome) && told_refused_.contains(hash) && context_.counts.copies == 0)
    context_.wrong("transaction " + number(one.transaction.id.sequence) +
                   " stands, and its author was told that it does not");
}

void Witness::take_whole(HubSnapshot& snapshot) {
  // A commit that failed or was interrupted may be there all the same.
  Position in;
  for (const Incoming& one : pending_) {
    const auto records = records_of(snapshot, one);
    if (!records.empty()) in = std::max(in, records[0].position);
  }
  if (in == Position{}) return;
  std::vector<IncomingTransaction> accepted;
  for (const Incoming& one : pending_) {
    const auto records = records_of(snapshot, one);
    // A hub commit is whole or not at all.
    if (records.size() != 1 || records[0].position != in) {
      context_.wrong("transaction " + number(one.transaction.id.sequence) +
                     " is not in its hub commit");
      continue;
    }
    if (note_taken(one, records[0], snapshot)) accepted.push_back(one.transaction);
  }
  if (!accepted.empty()) oracle_.take(accepted, in);
  for (const auto& [id, device] : after_pending_) devices_[id].hub = device;
  pending_.clear();
}

// What is offered again comes in a commit for each position that it had, and what waited for it in
// more: of what one device pushed a beginning is there.
void Witness::take_parts(HubSnapshot& snapshot) {
  std::map<Position, std::vector<IncomingTransaction>> accepted;
  std::vector<Incoming> open;
  std::set<DeviceId> ended;
  for (const Incoming& one : pending_) {
    const TransactionId& id = one.transaction.id;
    const auto records = records_of(snapshot, one);
    if (records.empty()) {
      open.push_back(one);
      ended.insert(id.device);
      continue;
    }
    if (ended.contains(id.device))
      context_.wrong("transaction " + number(id.sequence) + " overtook one before it");
    if (note_taken(one, records[0], snapshot))
      accepted[records[0].position].push_back(one.transaction);
    DeviceOnHub& device = devices_[id.device].hub;
    device.merged = id.sequence;
    device.head = device.taken[id.sequence] = id.hash;
    device.last_stamp = one.transaction.stamp;
  }
  for (const auto& [position, transactions] : accepted) oracle_.take(transactions, position);
  pending_ = std::move(open);
}

// What waited for a row counts when the row has come.
void Witness::look_at_waiting(HubSnapshot& snapshot) {
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    const auto records = records_of(snapshot, *one);
    const bool merged =
        !records.empty() && records[0].id == one->transaction.id && stands(records[0].outcome);
    if (!merged) {
      ++one;
      continue;
    }
    ++context_.counts.arrived_later;
    context_.trace.note("hub", "merges transaction " + number(one->transaction.id.sequence) +
                                   " of " + names_[one->transaction.id.device] + ", which waited");
    oracle_.take({&one->transaction, 1}, records[0].position);
    one = waiting_.erase(one);
  }
}

}  // namespace doorstep::sim
