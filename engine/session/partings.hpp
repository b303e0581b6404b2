// What a hub remembers of devices that have left, in memory alone: the newest of them, so many. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <optional>

#include "engine/core/limits.hpp"
#include "engine/session/parting.hpp"

namespace doorstep {

class Partings {
 public:
  explicit Partings(std::size_t most = limits::partings_max) : most_(most) {}

  /// Takes the place of what was remembered of that device; the one longest ago is forgotten when
  /// there are too many.
  void keep(Parting parting);
  [[nodiscard]] std::optional<Parting> of(const DeviceId& device) const;

 private:
  std::size_t most_;
  std::list<Parting> kept_;  // the longest ago first
  std::map<DeviceId, std::list<Parting>::iterator> places_;
};

}  // namespace doorstep
