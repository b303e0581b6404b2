// A hub's store on plain maps and a secretary's device that pushes a new unit each time.
#pragma once

#include "engine/core/hash.hpp"
#include "engine/ports/memory_hub_store.hpp"
#include "engine/session/merge_pushes.hpp"
#include "server/os_random.hpp"

namespace doorstep::test {

struct UnitPushes {
  UnitPushes();
  /// Its next push, of one transaction or of several, each of which inserts a unit.
  [[nodiscard]] PushRequest next_push(std::size_t transactions = 1);

  MemoryHubStore memory;
  OsRandom random;
  DeviceId device;
  Sequence last;
  Hash head;
};

}  // namespace doorstep::test
