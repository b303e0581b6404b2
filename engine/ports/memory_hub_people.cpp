// What a hub of plain maps keeps for a person to look at: conflicts, and quarantined work with the
// rows that came after it.
#include <algorithm>
#include <set>

#include "engine/ports/memory_hub_state.hpp"

namespace doorstep {

std::string_view name_of(QuarantineState state) {
  switch (state) {
    case QuarantineState::waiting:
      return "waiting";
    case QuarantineState::admitted:
      return "admitted";
    case QuarantineState::discarded:
      return "discarded";
    case QuarantineState::resent:
      return "resent";
  }
  return "waiting";
}

std::vector<Conflict> MemoryHubState::list(const ConflictQuery& query) const {
  std::vector<Conflict> out;
  for (const auto& [id, key] : conflicts) {
    const Conflict& conflict = *std::get<std::shared_ptr<const Conflict>>(feed.at(key));
    if (conflict.withdrawn) continue;
    if (query.state && conflict.state != *query.state) continue;
    if (query.table && conflict.key.table != *query.table) continue;
    out.push_back(conflict);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Conflict& a, const Conflict& b) { return a.position > b.position; });
  if (out.size() > query.count_max)
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(query.count_max), out.end());
  return out;
}

std::optional<DeviceRecord> MemoryHubState::device(const DeviceId& id) const {
  const auto found = devices.find(id);
  return found == devices.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ComparisonRecord> MemoryHubState::comparison(const DeviceId& id) const {
  const auto found = comparisons.find(id);
  return found == comparisons.end() ? std::nullopt : std::optional(found->second);
}

void MemoryHubState::put(const QuarantineRecord& record) {
  const auto held = std::find_if(quarantine.begin(), quarantine.end(),
                                 [&](const auto& one) { return one.id == record.id; });
  if (held == quarantine.end()) {
    quarantine.push_back(record);
  } else {
    *held = record;
  }
}

std::optional<QuarantineRecord> MemoryHubState::quarantined(const TransactionId& id) const {
  const auto held = std::find_if(quarantine.begin(), quarantine.end(),
                                 [&](const auto& one) { return one.id == id; });
  return held == quarantine.end() ? std::nullopt : std::optional(*held);
}

std::optional<QuarantineRecord> MemoryHubState::quarantined(const Hash& hash) const {
  const auto held = std::find_if(quarantine.begin(), quarantine.end(),
                                 [&](const auto& one) { return one.id.hash == hash; });
  return held == quarantine.end() ? std::nullopt : std::optional(*held);
}

std::vector<QuarantineRecord> MemoryHubState::quarantined(const QuarantineQuery& query) const {
  std::vector<QuarantineRecord> out;
  for (auto one = quarantine.rbegin(); one != quarantine.rend(); ++one) {
    if (out.size() >= query.count_max) break;
    const bool waits = one->state == QuarantineState::waiting;
    if (waits || !query.only_waiting) out.push_back(*one);
  }
  return out;
}

void MemoryHubState::put(const DeviceId& device, const Salvage& one, Position commit) {
  const std::uint64_t epoch = one.sequence == Sequence{} ? commit.epoch() : 0;
  salvage.insert_or_assign({device, one.sequence, epoch, one.part}, one);
}

void MemoryHubState::remove_salvage(const DeviceId& device, Sequence sequence) {
  std::erase_if(salvage, [&](const auto& held) {
    return std::get<0>(held.first) == device && std::get<1>(held.first) == sequence;
  });
}

std::vector<ScopeId> MemoryHubState::feed_scopes() const {
  std::set<ScopeId> found;
  for (const auto& [key, item] : feed) {
    if (const auto* row = std::get_if<std::shared_ptr<const StoredRow>>(&item)) {
      found.insert((*row)->scope);
    } else if (const auto* departure = std::get_if<std::shared_ptr<const Departure>>(&item)) {
      found.insert((*departure)->from);
    } else {
      found.insert(std::get<std::shared_ptr<const Conflict>>(item)->scope);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<Salvage> MemoryHubState::salvage_of(const DeviceId& device, Sequence sequence) const {
  std::vector<Salvage> out;
  for (auto at = salvage.lower_bound({device, sequence, 0, 0}); at != salvage.end(); ++at) {
    const bool same = std::get<0>(at->first) == device && std::get<1>(at->first) == sequence;
    if (!same) break;
    out.push_back(at->second);
  }
  return out;
}

}  // namespace doorstep
