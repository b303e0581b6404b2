// What the SDK's own parts (sync, the command, tests) need of a replica beyond the public header.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doorstep/replica.hpp>
#include <doorstep/sync.hpp>

#include "engine/ports/clock.hpp"
#include "engine/ports/device_store.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

class ReplicaFiles;

/// What an enrolment gives; all of it is written into the new file.
struct NewReplica {
  std::string schema;  ///< text of the schema file, as the hub sent it
  DeviceId device;
  std::string device_name;
  std::string role;
  KeyPair keys;
  HubId hub;
  std::string hub_name;
  std::string hub_url;
  PublicKey hub_key;
  std::vector<ScopeId> scopes;
};

/// Seams for tests; production leaves them empty and gets the system's clock, randomness and files
/// and the schema loader. The objects must outlive what is opened with them.
struct ReplicaSeams {
  const Clock* clock = nullptr;
  Random* random = nullptr;  ///< used by one thread at a time
  std::function<Result<Schema>(std::string_view)> load_schema;
  const ReplicaFiles* files = nullptr;
  std::int64_t pages_max = 0;  ///< the file may not grow past this: a full disk; zero: no limit
};

/// Makes the file, readable by its owner only, in one durable step: killed at any moment there is
/// either a whole replica or a file that a second call takes over. Errors: already_exists,
/// schema_invalid, disk_full, io_error, read_only.
[[nodiscard]] Status create_replica(const std::string& path, const NewReplica& replica,
                                    const ReplicaSeams& seams = {});

[[nodiscard]] Result<std::shared_ptr<Replica>> open_replica(const std::string& path,
                                                            ReplicaOptions options,
                                                            const ReplicaSeams& seams);

/// The replica as a sync session sees it, on a connection of its own; capture, guards, app triggers
/// and foreign keys are off on it. May be used beside Replica objects on the same file. Errors as
/// Replica::open. Taking the sync lock (sync_lock.hpp) is the caller's.
[[nodiscard]] Result<std::unique_ptr<DeviceStore>> open_device_store(
    const std::string& path, const ReplicaOptions& options = {}, const ReplicaSeams& seams = {});

/// Sync::open with seams.
[[nodiscard]] Result<std::unique_ptr<Sync>> open_sync(const std::string& path, SyncOptions options,
                                                      const ReplicaSeams& seams);

/// What a sync needs to reach the hub.
struct HubAddress {
  std::string url;
  std::string name;
};
[[nodiscard]] Result<HubAddress> hub_address(const std::string& path);

}  // namespace doorstep
