#include "server/commands/find_device.hpp"

namespace doorstep::commands {

Result<DeviceRecord> find_device(HubSnapshot& snapshot, const std::string& wanted) {
  DS_ASSIGN(const auto all, snapshot.devices());
  std::vector<DeviceRecord> found;
  for (const DeviceRecord& device : all) {
    if (device.id.hex() == wanted) return device;
    if (device.name == wanted || (wanted.size() >= 4 && device.id.hex().starts_with(wanted))) {
      found.push_back(device);
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return error(ErrorCode::device_unknown, wanted);
  std::string ids;
  for (const DeviceRecord& device : found) ids += (ids.empty() ? "" : ", ") + device.id.hex();
  return error(ErrorCode::usage, wanted + " fits several devices; give one id of " + ids);
}

}  // namespace doorstep::commands
