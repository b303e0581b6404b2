// A hub in memory that loses what it had: backups of it, and what phones do when one is put back.
#pragma once

#include "engine/wire/salvage_rows.hpp"
#include "tests/support/sync_world.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {

/// The database as it is now.
[[nodiscard]] std::unique_ptr<MemoryHubStore> backup_of(const SyncWorld& world);
/// It takes the place of the hub, and nobody is told.
void put_back(SyncWorld& world, const MemoryHubStore& backup);
/// Another hub with the same name, keys and devices, and no rows; what it had of each device stays
/// on record.
void begin_anew(SyncWorld& world);

/// As many connections as the phone asks for at once; the hub then admits what waited for rows.
TestLink sync_through(SyncWorld& world, Phone& phone);
/// All phones, until none has anything to say or hear.
void settle_through(SyncWorld& world);

/// Rows that a device has handed over as the last copy.
[[nodiscard]] HeldRows handed_over(SyncWorld& world, const Phone& phone);

}  // namespace doorstep::test
