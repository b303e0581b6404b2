#include "engine/session/partings.hpp"

#include <utility>

namespace doorstep {

void Partings::keep(const KeyPair& hub, std::uint64_t connection, Parting parting) {
  const DeviceId device = parting.hello.device;
  if (const auto before = by_device_.find(device); before != by_device_.end()) {
    if (before->second->connection > connection) return;
    forget(before->second);
  }
  const auto name = name_of(parting, hub);
  if (!name) return;
  const Place place = kept_.insert(kept_.end(), {*name, connection, std::move(parting)});
  by_device_[device] = place;
  by_name_[*name] = place;
  if (kept_.size() > most_) forget(kept_.begin());
}

void Partings::forget(Place place) {
  by_device_.erase(place->parting.hello.device);
  by_name_.erase(place->name);
  kept_.erase(place);
}

std::optional<Parting> Partings::of(const CallerName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second->parting);
}

}  // namespace doorstep
