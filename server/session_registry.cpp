#include "server/session_registry.hpp"

#include <utility>

namespace doorstep {
namespace {

template <class Index, class Key>
void take_out(Index& index, const Key& key, ConnectionNumber connection) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(connection);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

void SessionRegistry::put(ConnectionNumber connection, const DeviceId& device,
                          std::vector<ScopeId> visible) {
  remove(connection);
  for (const ScopeId& scope : visible) by_scope_[scope].insert(connection);
  by_device_[device].insert(connection);
  entries_[connection] = {device, std::move(visible)};
}

void SessionRegistry::remove(ConnectionNumber connection) {
  const auto entry = entries_.find(connection);
  if (entry == entries_.end()) return;
  for (const ScopeId& scope : entry->second.visible) take_out(by_scope_, scope, connection);
  take_out(by_device_, entry->second.device, connection);
  entries_.erase(entry);
}

std::vector<ConnectionNumber> SessionRegistry::watching(std::span<const ScopeId> touched) const {
  std::set<ConnectionNumber> found;
  for (const ScopeId& scope : touched) {
    const auto here = by_scope_.find(scope);
    if (here != by_scope_.end()) found.insert(here->second.begin(), here->second.end());
  }
  return {found.begin(), found.end()};
}

std::vector<ConnectionNumber> SessionRegistry::of_device(const DeviceId& device) const {
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<ConnectionNumber> SessionRegistry::with_other_scopes(
    const DeviceId& device, const std::vector<ScopeId>& visible) const {
  std::vector<ConnectionNumber> found = of_device(device);
  std::erase_if(found, [&](ConnectionNumber one) { return entries_.at(one).visible == visible; });
  return found;
}

std::vector<ConnectionNumber> SessionRegistry::all() const {
  std::vector<ConnectionNumber> out;
  out.reserve(entries_.size());
  for (const auto& [connection, entry] : entries_) out.push_back(connection);
  return out;
}

std::vector<DeviceId> SessionRegistry::devices() const {
  std::vector<DeviceId> out;
  out.reserve(by_device_.size());
  for (const auto& [device, connections] : by_device_) out.push_back(device);
  return out;
}

}  // namespace doorstep
