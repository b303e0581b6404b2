// Names of those who wrote, each looked up once.
#pragma once

#include <map>
#include <string>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// Answers as author_name() does. Used by one thread, not longer than the snapshot lives.
class AuthorNames {
 public:
  AuthorNames(HubSnapshot& snapshot, const HubIdentity& identity);

  [[nodiscard]] Result<std::string> of(const CellVersion& version);

 private:
  HubSnapshot& snapshot_;
  const HubIdentity& identity_;
  DeviceId hub_;
  std::map<DeviceId, std::string> devices_;
  std::map<Position, std::string> hub_commits_;
};

}  // namespace doorstep
