// What a damaged phone may lose, and what it may not: only work that the hub never had, and only
// where the rescue says so. While its file is damaged nothing on it is believed; once it was looked
// after, everything is again.
#include <algorithm>
#include <utility>

#include "engine/core/hash.hpp"
#include "engine/session/import_rescued.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

std::string number(const Sequence& sequence) { return std::to_string(sequence.value); }

}  // namespace

void Witness::damaged(const SimPhone& phone, bool silently) {
  ++context_.counts.damaged;
  Phone& own = phones_[phone.name()];
  // Work that stood in the log alone goes with it, and two damages may hide each other.
  own.loses_silently = own.loses_silently || silently || own.damaged;
  own.damaged = true;
}

bool Witness::is_damaged(const SimPhone& phone) const {
  const auto found = phones_.find(phone.name());
  return found != phones_.end() && found->second.damaged;
}

bool Witness::loses_silently(const SimPhone& phone) const {
  return is_damaged(phone) && phones_.at(phone.name()).loses_silently;
}

bool Witness::follows(const Phone& own, const ReplicaState& state,
                      std::span<const PhoneWindow::Own> all, const PhoneWindow::Own& one) {
  const Sequence before{one.sequence.value - 1};
  std::vector<Hash> hashes;
  if (before == state.earlier) hashes.emplace_back();
  const auto kept = std::find_if(all.begin(), all.end(),
                                 [&](const auto& other) { return other.sequence == before; });
  if (kept != all.end()) hashes.push_back(kept->hash);
  const auto known = own.written.find(before);
  if (known != own.written.end()) hashes.push_back(known->second.id.hash);
  return std::any_of(hashes.begin(), hashes.end(), [&](const Hash& hash) {
    return chain_hash(hash, state.device, state.told(one.sequence), one.body) == one.hash;
  });
}

void Witness::note_written(SimPhone& phone, const ReplicaState& state, const PhoneWindow::Own& one,
                           bool just_now) {
  ++context_.counts.writes;
  const auto when = just_now ? std::optional(context_.events.now()) : std::nullopt;
  const TransactionId id{state.device, state.told(one.sequence), one.hash};
  const Written made{id, when, phone.clock().boot};
  phones_[phone.name()].written[one.sequence] = made;
  written_.emplace(one.hash, made);
  context_.trace.note(phone.name(), "wrote transaction " + number(one.sequence), one.body);
}

// Bits flip in what a phone knows of itself: it opens as it was, or not at all.
void Witness::check_opened(SimPhone& phone) {
  const auto state = phone.window().state();
  if (!state || loses_silently(phone)) return;
  const std::pair at(state->cursor, state->token);
  if (state->cursor != Position{} && !history_.contains(at))
    context_.wrong(phone.name() + " opens with a cursor that was never written");
  const Phone& own = phones_[phone.name()];
  if (state->acknowledged < own.acked || state->cursor < own.cursor)
    context_.wrong(phone.name() + " opens with numbers that are not those written last");
}

// As far as the file can be read.
void Witness::record_on_damaged(SimPhone& phone, bool just_now) {
  const Phone& own = phones_[phone.name()];
  const auto state = phone.window().state();
  const auto all = phone.window().written(Sequence{});
  bool& unseen = devices_[phone.device()].wrote_unseen;
  if (!state || !all) {
    unseen = true;
    return;
  }
  for (const PhoneWindow::Own& one : *all) {
    if (written_.contains(one.hash)) continue;
    if (follows(own, *state, *all, one)) {
      note_written(phone, *state, one, just_now);
    } else {
      unseen = true;
    }
  }
}

void Witness::sealed(const SimPhone& phone, const RescuedWork& work) {
  Phone& own = phones_[phone.name()];
  for (const RescuedTransaction& one : work.transactions) {
    if (one.on_phone) continue;
    // One whose hash is another was told to be left, and cannot be known any more.
    if (!written_.contains(one.hash)) ++own.reported_lost;
    sealed_.insert(one.hash);
  }
  own.reported_lost += work.unreadable;
}

// What is neither on the phone nor at the hub nor sealed is lost: as much as was reported.
void Witness::account_for_loss(const SimPhone& phone, const std::set<Hash>& here, Sequence last) {
  Phone& own = phones_[phone.name()];
  std::uint64_t lost = 0;
  std::string which;
  std::erase_if(own.written, [&](const auto& one) {
    const auto& [sequence, written] = one;
    if (here.contains(written.id.hash)) return false;
    if (has(written.id)) return sequence > last;
    ++lost;
    which += " " + number(sequence);
    return true;
  });
  if (lost > 0) context_.trace.note(phone.name(), "has lost" + which);
  if (lost > own.reported_lost && !own.loses_silently)
    context_.wrong(phone.name() + " has lost" + which + ", and reports " +
                   std::to_string(own.reported_lost));
  own.reported_lost = 0;
  own.damaged = own.loses_silently = false;
}

void Witness::looked_after(SimPhone& phone, bool with_rows) {
  Phone& own = phones_[phone.name()];
  if (!own.damaged) return;
  if (phone.disk().faulty()) own.loses_silently = true;
  const ReplicaState state = phone.window().state().value();
  const auto all = phone.window().written(Sequence{}).value();
  std::set<Hash> here;
  for (const PhoneWindow::Own& one : all) {
    here.insert(one.hash);
    if (written_.contains(one.hash)) continue;
    // A rescue invents nothing; what its process wrote when it died, nobody has seen yet.
    if (!follows(own, state, all, one))
      context_.wrong(phone.name() + " has transaction " + number(one.sequence) +
                     ", which nobody wrote");
    note_written(phone, state, one, false);
  }
  account_for_loss(phone, here, state.last);
  own.last = state.last;
  own.acked = state.acknowledged;
  own.included = state.included;
  own.cursor = state.cursor;
  // What was kept in case the hub is restored does not come along (docs/limitations.md).
  own.unheld = std::max(own.unheld, state.unheld);
  // A value may still be another than was written.
  own.rotten = with_rows;
}

void Witness::lost_its_keys(const SimPhone& phone) { account_for_loss(phone, {}, Sequence{}); }

void Witness::took_in(const RescuedWork& work, const Imported& done) {
  std::uint64_t missing = 0;
  std::uint64_t on_phone = 0;
  for (const RescuedTransaction& one : work.transactions) {
    const TransactionId id{done.device, one.sequence, one.hash};
    const Device& device = devices_[done.device];
    const bool set_aside = device.set_aside.contains(id.hash);
    const auto taken = device.hub.taken.find(id.sequence);
    const bool merged = taken != device.hub.taken.end() && taken->second == id.hash;
    on_phone += one.on_phone ? 1U : 0U;
    if (!one.on_phone && !set_aside && !merged) ++missing;
  }
  // What a phone sends itself nobody is asked about a second time.
  if (on_phone != done.on_phone) context_.wrong("the hub takes in what the phone sends itself");
  // What a sealed file holds is at the hub from then on.
  if (missing > done.damaged)
    context_.wrong("the hub has not all of a sealed file that it took in");
}

}  // namespace doorstep::sim
