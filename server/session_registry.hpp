// Which open connection sees which scopes, so that a commit wakes those whom it concerns and nobody
// else. Not thread-safe: the network thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/core/ids.hpp"

namespace doorstep {

/// Counts connections since the hub started; never reused.
using ConnectionNumber = std::uint64_t;

class SessionRegistry {
 public:
  /// Replaces what was known of `connection`.
  void put(ConnectionNumber connection, const DeviceId& device, std::vector<ScopeId> visible);
  /// Unknown numbers are ignored.
  void remove(ConnectionNumber connection);

  /// Connections that see at least one of the scopes; ascending, each once.
  [[nodiscard]] std::vector<ConnectionNumber> watching(std::span<const ScopeId> touched) const;
  [[nodiscard]] std::vector<ConnectionNumber> of_device(const DeviceId& device) const;
  /// Connections of the device that see other scopes than these.
  [[nodiscard]] std::vector<ConnectionNumber> with_other_scopes(
      const DeviceId& device, const std::vector<ScopeId>& visible) const;
  [[nodiscard]] std::vector<ConnectionNumber> all() const;
  /// Devices with at least one connection; ascending.
  [[nodiscard]] std::vector<DeviceId> devices() const;

 private:
  struct Entry {
    DeviceId device;
    std::vector<ScopeId> visible;
  };
  std::map<ConnectionNumber, Entry> entries_;
  std::map<ScopeId, std::set<ConnectionNumber>> by_scope_;
  std::map<DeviceId, std::set<ConnectionNumber>> by_device_;
};

}  // namespace doorstep
