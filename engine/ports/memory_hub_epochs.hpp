// Epochs of a MemoryHubStore: plain data, copied with the rest of its state.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/ports/hub_epochs.hpp"

namespace doorstep {

struct MemoryEpochsState {
  std::vector<EpochRecord> epochs;  ///< ascending
  ReofferedAt reoffered;
  std::map<DeviceId, std::vector<GapRecord>> gaps;
  Position backed_up;
  std::map<Position, std::string> signed_by;

  [[nodiscard]] std::vector<GapRecord> gaps_of(const DeviceId& device) const;
};

class MemoryHubEpochs final : public HubEpochs {
 public:
  /// Both outlive this; `position` is the commit's.
  MemoryHubEpochs(MemoryEpochsState& state, Position& position)
      : state_(state), position_(position) {}

  [[nodiscard]] Result<std::vector<EpochRecord>> all() override { return state_.epochs; }
  [[nodiscard]] Status begin(const EpochRecord& epoch) override;
  [[nodiscard]] Status put_reoffered(const DeviceId& author, const Reoffered& what) override;
  [[nodiscard]] Result<std::optional<Reoffered>> reoffered(const DeviceId& author,
                                                           Position position) override;
  [[nodiscard]] Status put_gap(const GapRecord& gap) override;
  [[nodiscard]] Result<std::vector<GapRecord>> gaps(const DeviceId& device) override {
    return state_.gaps_of(device);
  }
  [[nodiscard]] Status put_backed_up(Position position) override;
  [[nodiscard]] Status put_signed_by(std::string_view name) override;

 private:
  MemoryEpochsState& state_;
  Position& position_;
};

}  // namespace doorstep
