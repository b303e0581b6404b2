// Enrolment: a one-time code from the township makes a new replica on this device.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

struct EnrolOptions {
  std::string path;    ///< the file to make
  std::string server;  ///< the hub's address, wss://host:port
  std::string code;    ///< as printed or scanned; good for one device
};

/// Who this device is now.
struct Enrolment {
  DeviceId device;
  std::string device_name;
  HubId hub;
  std::string hub_name;
  std::string role;
  std::vector<ScopeId> scopes;  ///< as granted
};

/// Makes a key pair, redeems the code and writes the replica with the hub's schema; the rows come
/// with the first sync. Blocks on the network. The place is checked before the code is spent.
/// Errors: already_exists, read_only, io_error, disk_full, code_unknown, hub_untrusted (it is not
/// the hub that issued the code), unreachable, link_lost, timeout, schema_invalid.
[[nodiscard]] Result<Enrolment> enrol_replica(const EnrolOptions& options);

}  // namespace doorstep
