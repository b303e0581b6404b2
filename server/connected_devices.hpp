// Which devices are connected now, for others than the network thread. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "engine/core/ids.hpp"

namespace doorstep {

class ConnectedDevices {
 public:
  void put(std::uint64_t connection, const DeviceId& device) {
    const std::lock_guard lock(mutex_);
    devices_[connection] = device;
  }
  void remove(std::uint64_t connection) {
    const std::lock_guard lock(mutex_);
    devices_.erase(connection);
  }
  /// Each once.
  [[nodiscard]] std::set<DeviceId> all() const {
    const std::lock_guard lock(mutex_);
    std::set<DeviceId> out;
    for (const auto& [connection, device] : devices_) out.insert(device);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, DeviceId> devices_;
};

}  // namespace doorstep
