#include "tests/sim/witness.hpp"

#include <algorithm>
#include <utility>

#include "engine/session/hub_session.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"

namespace doorstep::sim {
namespace {

const std::vector<ScopeId>& all_scopes() {
  static const std::vector<ScopeId> scopes{{"T"}, {"X"}, {"Y"}};
  return scopes;
}

/// Looks past the faults of a disk.
class Past {
 public:
  explicit Past(SimDisk& disk) : disk_(disk) { disk_.watch(true); }
  ~Past() { disk_.watch(false); }
  Past(const Past&) = delete;
  Past& operator=(const Past&) = delete;

 private:
  SimDisk& disk_;
};

constexpr std::size_t quarantined_max = 1'000'000;

std::string number(const Sequence& sequence) { return std::to_string(sequence.value); }

}  // namespace

bool Witness::hub_is_faulty() const {
  return hub_disk_ != nullptr && (hub_disk_->faulty() || hub_disk_->faults_met() > 0);
}

// --- phones

void Witness::record(SimPhone& phone, bool just_now) {
  if (is_damaged(phone)) return record_on_damaged(phone, just_now);
  Phone& own = phones_[phone.name()];
  const auto state = phone.window().state().value();
  // A local commit that returned is there after any crash.
  if (state.last < own.last)
    context_.wrong(phone.name() + " lost its transaction " + number(own.last));
  const auto all = phone.window().written(Sequence{}).value();
  if (!all.empty() && all.back().sequence > own.last) check_carry(phone, all, state.included);
  for (const PhoneWindow::Own& one : all) {
    const auto known = own.written.find(one.sequence);
    if (known == own.written.end()) {
      note_written(phone, state, one, just_now);
      check_unseen(phone, own, one.body);
    } else if (known->second.id.hash != one.hash) {
      // A transaction's identity never changes.
      context_.wrong(phone.name() + " has rewritten its transaction " + number(one.sequence));
    }
  }
  own.last = state.last;
}

void Witness::wrote(SimPhone& phone) { record(phone, true); }

void Witness::started(SimPhone& phone) {
  names_[phone.device()] = phone.name();
  if (!is_damaged(phone)) look_back(phone, phone.window().state().value());
  record(phone, false);
  if (is_damaged(phone)) return check_opened(phone);
  const auto state = phone.window().state().value();
  Phone& own = phones_[phone.name()];
  // What a phone was told, it still knows.
  if (state.acknowledged < own.acked)
    context_.wrong(phone.name() + " forgot the ack of transaction " + number(own.acked));
  if (state.cursor < own.cursor) context_.wrong(phone.name() + "'s cursor went back");
  check_version(phone, state);
}

void Witness::image_taken(const SimPhone& phone) { images_[phone.name()] = phones_[phone.name()]; }

void Witness::became_image(const SimPhone& phone, const SimPhone& from) {
  ++context_.counts.copies;
  phones_[phone.name()] = images_[from.name()];
}

void Witness::began_anew(const SimPhone& phone) { phones_[phone.name()] = {}; }

void Witness::rotted(const SimPhone& phone) { phones_[phone.name()].rotten = true; }

bool Witness::is_rotten(const SimPhone& phone) { return phones_[phone.name()].rotten; }

void Witness::own_differed(SimPhone& phone) {
  const Phone& own = phones_[phone.name()];
  if (is_damaged(phone) || own.rotten || own.catches_up) return;
  context_.wrong(phone.name() + "'s own rows are not as it sent them");
}

void Witness::acknowledged(SimPhone& phone, const Ack& ack) {
  if (is_damaged(phone)) return;
  const auto state = phone.window().state().value();
  look_back(phone, state);
  Phone& own = phones_[phone.name()];
  const Sequence through = state.here(ack.through);
  // What the hub said before it lost something may arrive after.
  const bool is_of_now = own.connected == generation_;
  // Acknowledged means durable: merged, or kept for a person if it is a copy's.
  for (const auto& [sequence, written] : own.written) {
    if (sequence <= own.acked || sequence > through || !is_of_now) continue;
    if (is_listed(written.id) && sequence <= state.unheld) continue;
    // Of what went with the hub's rows the hub only knows that it goes on after it.
    if (sequence <= own.thrown_away || thrown_away_.contains(written.id.hash)) continue;
    if (!has(written.id))
      context_.wrong(phone.name() + " has an ack of " + number(ack.through) +
                     ", which is not durable at the hub");
    Device& device = devices_[written.id.device];
    if (!device.set_aside.contains(written.id.hash))
      device.acked = std::max(device.acked, written.id.sequence);
  }
  note_refused(own, state, ack);
  own.acked = std::max(own.acked, through);
  own.generation = own.connected;
}

void Witness::checkpoint(SimPhone& phone, const Applied& applied) {
  ++context_.counts.checkpoints;
  if (applied.reconciled) ++context_.counts.reconciles;
  if (is_damaged(phone)) return;
  Phone& own = phones_[phone.name()];
  const auto state = phone.window().state().value();
  look_back(phone, state);
  check_kept(phone, state);
  context_.trace.note(phone.name(), "is at " + std::to_string(state.cursor.number()));
  if (!applied.differing.empty() && !own.rotten && !own.catches_up)
    context_.wrong(phone.name() + "'s digest differs in " + applied.differing.front().code);
  if (state.cursor < own.cursor) context_.wrong(phone.name() + "'s cursor goes back");
  own.cursor = state.cursor;
  if (std::exchange(own.filled, own.version) != own.version) ++context_.counts.filled;
  own.generation = own.connected;
  own.catches_up = state.recovery != Recovery::none;
  look_at_rows(phone, state);
  const std::pair at(state.cursor, state.token);
  if (is_on_line(at)) {
    Device& device = devices_[state.device];
    device.passed = std::max(device.passed, state.cursor);
    check_told(phone, state);
  }
  const auto then = history_.find(at);
  if (then == history_.end()) {
    context_.wrong(phone.name() + " is at a position that the hub never had");
    return;
  }
  // A cursor never passes data that is not applied: by reading every row on both sides.
  const auto base = phone.window().base().value();
  std::string differs;
  for (const ScopeId& scope : phone.window().held().value()) {
    const auto found = base.scopes.find(scope);
    const Digest here = found == base.scopes.end() ? Digest{} : found->second;
    const auto& sums = then->second.at(own.version - 1);
    const auto there = sums.find(scope);
    if (there == sums.end() || here != there->second) differs = scope.code;
  }
  // A value that rotted is found by the sums and healed by its bucket, or goes with its row.
  if (differs.empty() && std::exchange(own.rotten, false)) ++context_.counts.healed;
  if (!differs.empty() && !own.rotten)
    context_.wrong(phone.name() + " has other rows of " + differs + " than the hub had at " +
                   std::to_string(state.cursor.number()));
}

void Witness::up_to_date(SimPhone& phone) {
  ++context_.counts.up_to_date;
  if (hub_ == nullptr || is_damaged(phone) || is_rotten(phone)) return;
  const auto state = phone.window().state().value();
  if (state.cursor != head_ || !is_on_line({state.cursor, state.token})) return;
  ++context_.counts.compared;
  // A phone with nothing pending and a matched checkpoint equals the hub, row by row.
  if (auto found = difference(phone); !found.empty()) context_.wrong(found);
}

std::string Witness::difference(SimPhone& phone) {
  if (is_damaged(phone)) return phone.name() + " is damaged";
  const Past past(*hub_disk_);
  const auto state = phone.window().state().value();
  if (state.last != state.acknowledged) return phone.name() + " has work that is not acknowledged";
  auto snapshot = hub_->snapshot().value();
  const auto record = snapshot->device(phone.device()).value();
  // The hub speaks to it no more.
  if (record->revoked) return {};
  if (is_rotten(phone)) return phone.name() + " has a rotten value";
  if (state.included != state.last) return phone.name() + " has work that no checkpoint includes";
  if (phone.window().overlay_rows().value() != 0) return phone.name() + " has rows in its overlay";
  const std::size_t view = phone.window().version() - 1;
  const std::pair at(state.cursor, state.token);
  if (!is_on_line(at)) return phone.name() + " is where the hub never was";
  if (state.cursor != snapshot->head() &&
      history_.at(at).at(view) != history_.at({head_, line_.at(head_)}).at(view))
    return phone.name() + " is behind the hub";
  const auto visible = visible_scopes(record->scopes, snapshot->scope_tree().value());
  return rows_differ(phone, *snapshot, visible);
}

// --- the hub

void Witness::merging(std::span<const PushRequest> requests, Instant hub_now) {
  after_pending_.clear();
  for (const auto& [id, device] : devices_) after_pending_[id] = device.hub;
  pending_ = new_transactions(requests, hub_now, hub_version_, after_pending_);
  in_parts_ = generation_ > 0;
}

void Witness::check_times(const Incoming& one, const TransactionRecord& record) {
  if (!record.corrected) return;
  // Stamps of one device rise with its sequence.
  Instant& newest = devices_[one.transaction.id.device].corrected;
  if (*record.corrected < newest) context_.wrong("stamps of one phone go back");
  newest = *record.corrected;
  if (!hub_time_is_true_) return;
  // Nothing was written after it arrived, whatever a phone's clock says.
  if (*record.corrected > one.merged_at) context_.wrong("a stamp lies in the hub's future");
  const auto found = written_.find(one.transaction.id.hash);
  if (found == written_.end() || !found->second.true_ms) return;
  if (found->second.boot != one.met.boot) return;
  // Within one boot a wrong clock bends nothing: a stamp is late by what Hello was under way, or
  // follows one of the same author that was.
  Device& device = devices_[one.transaction.id.device];
  const std::int64_t age_ms = one.met.boot_ms - one.transaction.content.time.clock.boot_ms;
  const std::int64_t wrote_ms = true_start_ms + *found->second.true_ms;
  device.late_ms = std::max(device.late_ms, one.met_at.ms - wrote_ms - age_ms);
  const std::int64_t off = record.corrected->ms - wrote_ms;
  if (off < -1 || off > device.late_ms + 1)
    context_.wrong("a transaction of this boot is stamped " + std::to_string(off) + " ms off");
}

std::vector<TransactionRecord> Witness::records_of(HubSnapshot& snapshot, const Incoming& one) {
  const TransactionId& id = one.transaction.id;
  return snapshot.transactions(id.device, Sequence{id.sequence.value - 1}, id.sequence).value();
}

void Witness::merged(HubStore& hub) {
  const Past past(*hub_disk_);
  const auto snapshot = hub.snapshot().value();
  if (in_parts_) {
    take_parts(*snapshot);
  } else {
    take_whole(*snapshot);
  }
  hub_ = &hub;
  look_at_waiting(*snapshot);
  look_at_set_aside(*snapshot);
  look_at_hub(*snapshot);
}

// What a copy wrote is kept for a person: nothing of that goes.
void Witness::look_at_set_aside(HubSnapshot& snapshot) {
  if (context_.counts.copies + context_.counts.damaged == 0) return;
  const auto all = snapshot.quarantine({quarantined_max, false}).value();
  std::map<DeviceId, std::set<Hash>> now;
  for (const QuarantineRecord& one : all) {
    const ErrorCode why = one.reason.code;
    if (why == ErrorCode::device_forked || why == ErrorCode::rescued_work)
      now[one.id.device].insert(one.id.hash);
  }
  context_.counts.set_aside = 0;
  for (auto& [id, device] : devices_) {
    const std::set<Hash>& kept = now[id];
    if (!std::includes(kept.begin(), kept.end(), device.set_aside.begin(), device.set_aside.end()))
      context_.wrong("the hub lost work of a copy that it had set aside");
    device.set_aside = kept;
    context_.counts.set_aside += kept.size();
  }
}

void Witness::hub_committed(HubStore& hub) {
  const Past past(*hub_disk_);
  hub_ = &hub;
  const auto snapshot = hub.snapshot().value();
  look_at_waiting(*snapshot);
  look_at_set_aside(*snapshot);
  look_at_devices(*snapshot);
  look_at_hub(*snapshot);
}

void Witness::look_at_devices(HubSnapshot& snapshot) {
  const auto all = snapshot.devices().value();
  for (const DeviceRecord& record : all) {
    Device& device = devices_[record.id];
    device.lost_at_hub = record.lost;
    device.grants[std::max(record.granted_since, record.enrolled)] = record.scopes;
  }
}

void Witness::look_at_hub(HubSnapshot& snapshot) {
  const Position head = snapshot.head();
  // A commit that returned is there after any crash.
  if (head < head_) context_.wrong("the hub lost its commit " + std::to_string(head_.number()));
  if (head == head_ && !line_.empty()) return;
  const auto sums = snapshot.digests(all_scopes()).value();
  const auto scanned = snapshot.scan_digests(all_scopes()).value();
  note_hub_version(snapshot);
  std::map<ScopeId, Digest> whole;
  for (std::size_t i = 0; i < all_scopes().size(); ++i) whole[all_scopes()[i]] = scanned[i];
  // Running sums are those of the rows.
  if (sums != scanned) context_.wrong("the hub's running sums are not those of its rows");
  note_commits(snapshot, sums_by_view(snapshot, whole));
  head_ = head;
  check_floor(snapshot);
  if (context_.counts.collected != std::exchange(collections_, context_.counts.collected))
    oracle_.forget_collected(snapshot);
  context_.trace.note("hub", "is at " + std::to_string(head.number()), scanned[1].bytes());
}

void Witness::hub_started(HubStore& hub) {
  merged(hub);
  const Past past(*hub_disk_);
  const auto snapshot = hub.snapshot().value();
  for (const auto& [id, device] : devices_) {
    const auto record = snapshot->device(id).value();
    if (!record) continue;
    // Acknowledged means durable.
    if (record->merged < device.acked)
      context_.wrong("the hub lost transaction " + number(device.acked) + ", which it had acked");
    if (record->merged != device.hub.merged)
      context_.wrong("the hub has transaction " + number(record->merged) + " and should have " +
                     number(device.hub.merged));
  }
}

void Witness::compare_hub() {
  const Past past(*hub_disk_);
  const auto snapshot = hub_->snapshot().value();
  if (auto found = lost_work(); !found.empty()) context_.wrong(found);
  if (auto found = waits_in_vain(*snapshot); !found.empty()) context_.wrong(found);
  if (auto found = rows_lost(*snapshot); !found.empty()) context_.wrong(found);
  context_.counts.conflicts = snapshot->conflicts({{}, {}, 1'000'000}).value().size();
  // What was collected is on no record any more.
  const bool nothing_collected = context_.counts.collected == 0;
  if (auto found = oracle_.difference(*snapshot, nothing_collected); !found.empty())
    context_.wrong(found);
}

}  // namespace doorstep::sim
