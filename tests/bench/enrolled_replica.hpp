// A phone's replica file of a device that is in a hub's books already, and its syncs with that hub
// in this process.
#pragma once

#include <string>

#include "client-sdk/src/sync_run.hpp"
#include "tests/bench/hub_process.hpp"
#include "tests/bench/written_ahead.hpp"

namespace doorstep::bench {

/// Where a replica belongs; for one that never syncs the hub is no real one.
struct HubAddress {
  HubId hub;
  PublicKey key;
  std::string url = "ws://127.0.0.1:1";
};
[[nodiscard]] HubAddress address_of(const HubProcess& hub);

/// Makes the file; the device has not written anything yet.
void make_replica_file(const std::string& file, const Schema& schema, const WrittenAhead& device,
                       const HubAddress& hub);

/// One connection until the phone is up to date.
struct FileSync {
  double seconds = 0;
  SyncReport report;
};
[[nodiscard]] FileSync sync_file(const std::string& file, const std::string& url);

}  // namespace doorstep::bench
