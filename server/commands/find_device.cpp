#include "server/commands/find_device.hpp"

#include <algorithm>

#include "engine/core/limits.hpp"

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

Status check_scopes(HubSnapshot& snapshot, const std::vector<ScopeId>& scopes) {
  DS_ASSIGN(const auto tree, snapshot.scope_tree());
  for (const ScopeId& scope : scopes) {
    if (scope.empty() || scope.code.size() > limits::scope_bytes_max) {
      return error(ErrorCode::usage, "--scope '" + scope.code + "'");
    }
    const bool known = std::any_of(tree.begin(), tree.end(),
                                   [&](const auto& node) { return node.first == scope; });
    if (!known && !tree.empty()) return error(ErrorCode::not_found, "scope " + scope.code);
  }
  return {};
}

}  // namespace doorstep::commands
