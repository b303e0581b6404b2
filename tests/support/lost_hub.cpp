#include "tests/support/lost_hub.hpp"

#include "engine/session/settle_quarantine.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep::test {

std::unique_ptr<MemoryHubStore> backup_of(const SyncWorld& world) {
  const auto* hub = dynamic_cast<const MemoryHubStore*>(world.hub.get());
  DS_ASSERT(hub != nullptr);
  return std::make_unique<MemoryHubStore>(*hub);
}

void put_back(SyncWorld& world, const MemoryHubStore& backup) {
  world.hub = std::make_unique<MemoryHubStore>(backup);
}

void begin_anew(SyncWorld& world) {
  const auto old = std::move(world.hub);
  world.hub = std::make_unique<MemoryHubStore>(world.schema, old->identity());
  auto snapshot = old->snapshot().value();
  auto commit = world.hub->begin().value();
  EpochRecord epoch;
  epoch.epoch = snapshot->head().epoch() + 1;
  epoch.noticed = world.now;
  DS_ASSERT(commit->epochs().begin(epoch).ok());
  for (const DeviceRecord& device : snapshot->devices().value()) {
    DeviceRecord kept = device;
    kept.cursor = kept.settled = {};
    DS_ASSERT(commit->put_device(kept).ok());
  }
  DS_ASSERT(commit->commit(world.now, world.new_token()).ok());
}

TestLink sync_through(SyncWorld& world, Phone& phone) {
  for (int connection = 1;; ++connection) {
    DS_ASSERT(connection < 20);  // it must get on
    TestLink link = sync(world, phone);
    DS_ASSERT(admit_arrived(*world.hub, world.now, world.new_token()).ok());
    if (!link.come_again) return link;
  }
}

void settle_through(SyncWorld& world) {
  for (int round = 0; round < 4; ++round) {
    for (const auto& phone : world.phones) static_cast<void>(sync_through(world, *phone));
  }
}

HeldRows handed_over(SyncWorld& world, const Phone& phone) {
  auto commit = world.hub->begin().value();
  const DeviceId device = phone.store->state().value().device;
  return rows_of(world.schema, commit->salvage(device, Sequence{}).value()).value();
}

}  // namespace doorstep::test
