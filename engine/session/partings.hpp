// What a hub remembers of devices that have left, in memory alone: the newest of them, so many. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>

#include "engine/core/limits.hpp"
#include "engine/session/parting.hpp"

namespace doorstep {

class Partings {
 public:
  explicit Partings(std::size_t most = limits::partings_max) : most_(most) {}

  /// Takes the place of what was remembered of that device, unless that is of a later connection
  /// (`connection` rises; a broken one may be noticed long after the next). The one longest ago is
  /// forgotten when there are too many. One without a name is not kept.
  void keep(const KeyPair& hub, std::uint64_t connection, Parting parting);
  [[nodiscard]] std::optional<Parting> of(const CallerName& name) const;

 private:
  struct Kept {
    CallerName name;
    std::uint64_t connection;
    Parting parting;
  };
  using Place = std::list<Kept>::iterator;
  void forget(Place place);

  std::size_t most_;
  std::list<Kept> kept_;  // the longest ago first
  std::map<DeviceId, Place> by_device_;
  std::map<CallerName, Place> by_name_;
};

}  // namespace doorstep
