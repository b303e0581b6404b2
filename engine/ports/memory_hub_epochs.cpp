#include "engine/ports/memory_hub_epochs.hpp"

#include <algorithm>

#include "engine/core/assert.hpp"

namespace doorstep {

std::vector<GapRecord> MemoryEpochsState::gaps_of(const DeviceId& device) const {
  const auto found = gaps.find(device);
  return found != gaps.end() ? found->second : std::vector<GapRecord>();
}

Status MemoryHubEpochs::begin(const EpochRecord& epoch) {
  DS_ASSERT(epoch.epoch > state_.epochs.back().epoch && epoch.epoch <= limits::epoch_max);
  state_.epochs.push_back(epoch);
  position_ = Position::of(epoch.epoch, position_.number());
  return {};
}

Status MemoryHubEpochs::put_reoffered(const DeviceId& author, const Reoffered& what) {
  state_.reoffered.insert_or_assign({author, position_}, what);
  return {};
}

Result<std::optional<Reoffered>> MemoryHubEpochs::reoffered(const DeviceId& author,
                                                            Position position) {
  const auto found = state_.reoffered.find({author, position});
  if (found == state_.reoffered.end()) return std::optional<Reoffered>();
  return std::optional(found->second);
}

Status MemoryHubEpochs::put_gap(const GapRecord& gap) {
  state_.gaps[gap.device].push_back(gap);
  return {};
}

Status MemoryHubEpochs::put_backed_up(Position position) {
  state_.backed_up = std::max(state_.backed_up, position);
  return {};
}

Status MemoryHubEpochs::put_signed_by(std::string_view name) {
  state_.signed_by.insert_or_assign(position_, std::string(name));
  return {};
}

}  // namespace doorstep
