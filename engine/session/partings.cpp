#include "engine/session/partings.hpp"

#include <utility>

namespace doorstep {

void Partings::keep(Parting parting) {
  const DeviceId device = parting.hello.device;
  if (const auto before = places_.find(device); before != places_.end()) {
    kept_.erase(before->second);
    places_.erase(before);
  }
  places_[device] = kept_.insert(kept_.end(), std::move(parting));
  if (kept_.size() <= most_) return;
  places_.erase(kept_.front().hello.device);
  kept_.pop_front();
}

std::optional<Parting> Partings::of(const DeviceId& device) const {
  const auto place = places_.find(device);
  return place == places_.end() ? std::nullopt : std::optional(*place->second);
}

}  // namespace doorstep
