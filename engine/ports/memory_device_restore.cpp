// What a replica on plain maps keeps for a hub that loses what it had (SEMANTICS D4, G1-G3), and
// what becomes of it when that happens.
#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/ports/memory_device_store.hpp"
#include "engine/ports/outcome_kinds.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep {

Result<std::optional<Salvage>> MemoryDeviceStore::salvage() {
  if (!set_aside_.empty()) return std::optional<Salvage>(set_aside_.front());
  for (const auto& [sequence, held] : salvage_) {
    // The hub takes no rows of a transaction that it does not have.
    if (sequence > acknowledged_ || held.confirmed == held.parts.size()) continue;
    return std::optional<Salvage>(held.parts[held.confirmed]);
  }
  return std::optional<Salvage>();
}

Status MemoryDeviceStore::salvaged(const Salvaged& confirmed) {
  DS_ASSIGN(const auto next, salvage());
  if (!next || next->sequence != confirmed.sequence || next->part != confirmed.part) return {};
  if (next->sequence.value == 0) {
    set_aside_.pop_front();
  } else {
    ++salvage_.at(here(next->sequence)).confirmed;
  }
  return {};
}

// What this reconcile takes away or changes may have its last copy here (SEMANTICS G3).
void MemoryDeviceStore::set_aside(const BaseRows& after) {
  HeldRows rows;
  for (const auto& [key, row] : base_) {
    const auto now = after.find(key);
    if (now == after.end() || now->second.image != row.image) rows.emplace(key, row.image);
  }
  std::vector<Salvage> parts(set_aside_.begin(), set_aside_.end());
  append_salvage(parts, salvage_of(*schema_, Sequence{}, rows));
  set_aside_.assign(parts.begin(), parts.end());
}

// The hub has taken what another hub, or this one before, had not.
void MemoryDeviceStore::take_back(const Ack& ack) {
  std::set<Sequence> refused;
  for (const Ack::Item& item : ack.items) {
    if (changed_nothing(item.outcome.kind)) refused.insert(here(item.sequence));
  }
  const Sequence through = here(ack.through);
  for (auto it = own_.upper_bound(acknowledged_); it != own_.end() && it->first <= through; ++it) {
    it->second.position = ack.position;
    if (refused.contains(it->first)) continue;
    if (std::exchange(it->second.refused, false)) {
      it->second.offered_again = true;
      outcomes_.erase(it->first);
      salvage_.erase(it->first);
    }
  }
}

void MemoryDeviceStore::keep_included(Sequence before, const Checkpoint& checkpoint) {
  for (auto it = own_.upper_bound(before); it != own_.end(); ++it) {
    OwnTransaction& own = it->second;
    // What this hub has not taken has its place in the overlay again, over this hub's rows.
    if (it->first > included_) {
      if (std::exchange(own.offered_again, false)) continue;
    } else {
      own.offered_again = false;
      own.kept_since = hub_seen_;
      if (own.position.value == 0) own.position = checkpoint.position;
    }
  }
  drop_kept(checkpoint.backed_up);
}

void MemoryDeviceStore::drop_kept(Position backed_up) {
  std::size_t bytes = 0;
  for (auto it = own_.upper_bound(unheld_); it != own_.end() && it->first <= included_; ++it) {
    if (!it->second.refused) bytes += it->second.body.size();
  }
  for (auto it = own_.upper_bound(unheld_); it != own_.end() && it->first <= included_; ++it) {
    const OwnTransaction& own = it->second;
    if (own.refused) continue;
    const bool old = hub_seen_ - own.kept_since > limits::acked_kept_ms;
    const bool dropped = own.position <= backed_up || old || bytes > limits::acked_kept_bytes_max;
    if (!dropped) return;
    bytes -= own.body.size();
    unheld_ = it->first;
  }
}

Position MemoryDeviceStore::position_to_tell(const OwnTransaction& own, Sequence sequence) const {
  if (sequence <= acknowledged_) return {};
  if (!own.refused) return own.position;
  const auto outcome = outcomes_.find(sequence);
  const bool waits =
      outcome != outcomes_.end() && outcome->second.kind == Outcome::Kind::quarantined;
  return waits ? Position{} : refused_before;
}

/// Through where the hub has what was written here; of what a copy of the phone has sent there,
/// nobody knows.
Sequence MemoryDeviceStore::common_with(const Restored& restored) const {
  const Sequence merged = here(restored.merged);
  if (restored.reset || merged <= earlier_) return std::min(merged, last());
  const auto written = own_.find(merged);
  const bool another = written != own_.end() && written->second.hash != restored.head;
  return merged > last() || another ? unheld_ : merged;
}

Status MemoryDeviceStore::note_restored(const Restored& restored) {
  const Sequence merged = common_with(restored);
  staged_.clear();
  if (restored.reset) {
    begin_anew(merged);
    return {};
  }
  if (merged < unheld_) lost_ = unheld_;
  const Sequence from = std::max(merged, unheld_);
  for (auto it = own_.upper_bound(from); it != own_.end() && it->first <= included_; ++it) {
    it->second.offered_again = !it->second.refused;
  }
  acknowledged_ = std::min(acknowledged_, from);
  included_ = std::min(included_, from);
  // What is not offered again waits nowhere any more.
  salvage_.erase(salvage_.upper_bound(merged), salvage_.upper_bound(from));
  for (auto& [sequence, held] : salvage_) {
    if (sequence > from) held.confirmed = 0;
  }
  if (restored.at == cursor_ && restored.token == token_) return {};
  cursor_ = restored.at;
  token_ = restored.token;
  differs_ = true;
  recovery_ = Recovery::restored;
  recovering_ = last();
  return {};
}

void MemoryDeviceStore::begin_anew(Sequence merged) {
  Outcome refused;
  refused.kind = Outcome::Kind::rejected;
  refused.reason = error(ErrorCode::hub_reset);
  for (auto it = own_.upper_bound(acknowledged_); it != own_.end(); ++it) {
    if (!std::exchange(it->second.refused, true)) outcomes_[it->first] = refused;
  }
  unheld_ = acknowledged_ = included_ = last();
  lost_ = merged < last() ? last() : Sequence{};
  salvage_.clear();
  set_aside_.clear();
  cursor_ = {};
  token_ = {};
  differs_ = true;
  recovery_ = Recovery::reset;
  drop_idle_copies();
}

Status MemoryDeviceStore::remember_successor(const Successor& successor) {
  if (!successor_) successor_ = successor;
  return {};
}

Result<bool> MemoryDeviceStore::become_successor() {
  if (!successor_) return error(ErrorCode::not_found, "there is no successor");
  DS_ASSIGN(const auto left, salvage());
  if (included_ != last() || left) return false;
  identity_.device = successor_->device;
  identity_.keys = successor_->keys;
  // Nobody offers again what the old identity wrote: the hub would take it for the copy's.
  earlier_ = unheld_ = last();
  lost_ = {};
  successor_.reset();
  return true;
}

}  // namespace doorstep
