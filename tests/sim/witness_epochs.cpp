// What phones and a hub that was set back or begun anew must still have between them (SEMANTICS G).
#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/hub_session.hpp"
#include "engine/wire/salvage_rows.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

std::string number(const Sequence& sequence) { return std::to_string(sequence.value); }

}  // namespace

// --- the hub's files

void Witness::hub_backed_up() {
  pasts_.push_back({devices_, committed_ms_, line_, floors_, oracle_, pending_, after_pending_,
                    waiting_, gaps_, head_});
}

void Witness::hub_went_back(std::size_t copy, bool sure) {
  const HubPast& past = pasts_.at(copy);
  forget_hub();
  is_begun_anew_ = false;
  if (!sure) unsure_through_ = history_.rbegin()->first.first.epoch();
  devices_ = past.devices;
  committed_ms_ = past.committed_ms;
  line_ = past.line;
  floors_ = past.floors;
  oracle_ = past.oracle;
  pending_ = past.pending;
  after_pending_ = past.after_pending;
  waiting_ = past.waiting;
  gaps_ = past.gaps;
  head_ = past.head;
  // What had seen what on the lost history is not in the model.
  oracle_.goes_beyond_model();
}

// Devices, and what was merged of each, stay. What the hub had was thrown away on purpose.
void Witness::hub_began_anew() {
  forget_hub();
  is_begun_anew_ = true;
  // A phone that went back to an older copy of itself may not know that it had called.
  for (const auto& [name, phone] : phones_) {
    if (phone.cursor == Position{} || context_.counts.copies > 0) continue;
    for (const auto& [sequence, written] : phone.written) {
      if (!has(written.id)) unasked_.insert(written.id.hash);
    }
  }
  for (auto& [id, device] : devices_) {
    for (const auto& [sequence, hash] : device.hub.taken) thrown_away_.insert(hash);
    thrown_away_.insert(device.set_aside.begin(), device.set_aside.end());
    Device fresh;
    fresh.hub = device.hub;
    fresh.hub.taken.clear();
    fresh.late_ms = device.late_ms;
    fresh.corrected = device.corrected;
    fresh.acked = device.hub.merged;
    fresh.lost_at_hub = device.lost_at_hub;
    device = fresh;
  }
  committed_ms_.clear();
  line_.clear();
  floors_.clear();
  oracle_ = Oracle();
  oracle_.goes_beyond_model();
  pending_.clear();
  waiting_.clear();
  gaps_.clear();
  head_ = {};
}

void Witness::forget_hub() {
  ++generation_;
  hub_ = nullptr;
  in_parts_ = true;
  // What was handed over went with it.
  for (auto& [name, phone] : phones_) phone.last_copies.clear();
}

// --- phones

void Witness::connected(SimPhone& phone) {
  Phone& own = phones_[phone.name()];
  if (std::exchange(own.connected, generation_) == generation_) return;
  // What it had begun to pull may be of what the hub lost: its sums find it, and a reconcile.
  if (phone.window().number("SELECT count(*) FROM ds_stage").value() > 0) own.rotten = true;
}

void Witness::heard_of_loss(SimPhone& phone) {
  ++context_.counts.told_of_loss;
  if (generation_ == 0) context_.wrong(phone.name() + " is told of a loss, and nothing was lost");
  look_back(phone, phone.window().state().value());
}

// A phone goes back once for each time that its hub did, and only after it has called it.
void Witness::look_back(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  const bool goes_back = state.acknowledged < own.acked || state.included < own.included ||
                         state.cursor < own.cursor || state.recovery != Recovery::none;
  if (!goes_back || own.connected <= own.generation) return;
  const std::pair at(state.cursor, state.token);
  if (state.cursor != Position{} && !history_.contains(at))
    context_.wrong(phone.name() + " goes back to where the hub never was");
  look_at_reset(phone, state);
  const bool waits = phone.window().overlay_rows().value() > 0;
  if (state.recovery == Recovery::restored && own.held.empty() && !waits)
    own.held = phone.window().shown().value();
  own.acked = std::min(own.acked, state.acknowledged);
  own.included = std::min(own.included, state.included);
  own.cursor = std::min(own.cursor, state.cursor);
  own.catches_up = state.recovery != Recovery::none;
  own.generation = own.connected;
}

// What no hub had yet waits for the person who wrote it; the rest was thrown away.
void Witness::look_at_reset(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  if (state.recovery != Recovery::reset || own.thrown_away >= state.last) return;
  std::set<Hash> waits;
  const auto kept = phone.window().written(Sequence{}).value();
  for (const PhoneWindow::Own& one : kept) {
    if (one.sequence <= state.last) waits.insert(one.hash);
  }
  for (const auto& [sequence, written] : own.written) {
    const Hash& hash = written.id.hash;
    if (sequence <= own.thrown_away || once_.contains(hash) || thrown_away_.contains(hash))
      continue;
    if (!waits.contains(hash))
      context_.wrong(phone.name() + " forgot transaction " + number(sequence) +
                     ", which it never sent, with the hub's rows");
  }
  own.thrown_away = state.last;
}

// It lets go of what a backup holds or 30 days have passed over, and of nothing else (SEMANTICS
// G1).
void Witness::check_kept(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  const Sequence before = std::exchange(own.unheld, std::max(own.unheld, state.unheld));
  own.lost_after = state.lost_after;
  own.lost = state.lost;
  for (const auto& [sequence, written] : own.written) {
    if (sequence <= before || sequence > state.unheld) continue;
    if (sequence <= state.earlier || sequence <= own.thrown_away || !hub_time_is_true_) continue;
    const auto once = once_.find(written.id.hash);
    if (once == once_.end()) continue;
    const bool old = context_.events.now() - once->second.ms >= limits::acked_kept_ms;
    if (!old && once->second.position > backed_up_)
      context_.wrong(phone.name() + " lets go of transaction " + number(sequence) +
                     ", which no backup holds");
  }
}

// Of the rows that it had from a hub that lost them, it hands over what only it has left, before a
// reconcile takes them away (SEMANTICS G3).
void Witness::look_at_rows(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  if (own.held.empty() || state.recovery != Recovery::none) return;
  const auto shown = phone.window().shown().value();
  for (const auto& [key, image] : std::exchange(own.held, {})) {
    if (!shown.contains(key)) own.last_copies.insert(key);
  }
}

std::string Witness::rows_lost(HubSnapshot& snapshot) {
  std::set<RowKey> handed_over;
  for (const auto& [id, device] : devices_) {
    const auto parts = snapshot.salvage(id, Sequence{}).value();
    const auto rows = rows_of(village(), parts).value();
    for (const auto& [key, image] : rows) handed_over.insert(key);
  }
  context_.counts.handed_over += handed_over.size();
  for (const auto& [name, phone] : phones_) {
    for (const RowKey& key : phone.last_copies) {
      if (!handed_over.contains(key) && !snapshot.row(key).value())
        return name + " had the last copy of " + village().table(key.table).name + " " +
               to_hex(key.row.view()) + ", and nobody has it now";
    }
  }
  return {};
}

// With all phones back, what was offered again waits only for rows that did not come, or that
// somebody made anew where its author sees nothing.
std::string Witness::waits_in_vain(HubSnapshot& snapshot) {
  for (const Incoming& one : waiting_) {
    const auto records = records_of(snapshot, one);
    if (records.empty() || records[0].id != one.transaction.id) continue;
    const auto& reason = records[0].outcome.reason;
    const auto device = snapshot.device(one.transaction.id.device).value();
    const bool offered_again =
        device->cut_epoch != 0 && one.transaction.id.sequence <= device->cut_through;
    if (!offered_again || !reason || reason->code != ErrorCode::row_unknown) continue;
    const auto rows = builds_on(one.transaction.content);
    const auto visible = visible_scopes(device->scopes, snapshot.scope_tree().value());
    const bool all = std::all_of(rows.begin(), rows.end(), [&](const RowKey& key) {
      const auto row = snapshot.row(key).value();
      return row && !row->collected &&
             std::find(visible.begin(), visible.end(), row->scope) != visible.end();
    });
    if (all)
      return "transaction " + number(one.transaction.id.sequence) + " of " +
             names_[one.transaction.id.device] + " waits for a row that has come";
  }
  return {};
}

void Witness::note_refused(const Phone& own, const ReplicaState& state, const Ack& ack) {
  for (const Ack::Item& item : ack.items) {
    const bool refused = item.outcome.kind == Outcome::Kind::rejected ||
                         item.outcome.kind == Outcome::Kind::depends_on;
    const auto written = own.written.find(state.here(item.sequence));
    if (refused && written != own.written.end()) told_refused_.insert(written->second.id.hash);
  }
}

// With a hub that lost something: it waits for a person here, it was thrown away with the hub's
// rows, it is listed as missing and nobody holds it any more, or it was left behind with an
// identity (docs/decisions/0003-epochs.md).
bool Witness::is_loss_excused(const Phone& own, const TransactionId& id, Sequence sequence) {
  if (generation_ == 0) return false;
  if (sequence <= own.thrown_away || thrown_away_.contains(id.hash)) return true;
  // A gap is listed with the next push after it.
  const bool knows = own.lost_after < sequence && sequence <= own.lost;
  return sequence <= own.unheld && (knows || is_listed(id));
}

// Whatever stands on a phone in the end the hub has: merged or refused once, or set aside.
std::string Witness::lost_work() {
  for (const auto& [name, phone] : phones_) {
    for (const auto& [sequence, written] : phone.written) {
      if (has(written.id) || is_loss_excused(phone, written.id, sequence)) continue;
      return "transaction " + number(sequence) + " of " + name + " is lost";
    }
  }
  return {};
}

}  // namespace doorstep::sim
