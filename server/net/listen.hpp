// A socket that listens where it was asked to.
#pragma once

#include <string>

#include "server/net/hub_server.hpp"

namespace doorstep {

/// Owned by whoever takes it over; closed by nobody else.
struct Listening {
  int descriptor = -1;
  bool ipv6 = false;
  std::string address;  ///< "HOST:PORT", the host as an address, the port that it really is
};

/// `secure`: TLS is spoken there. Errors: listen_failed; usage when it is not and the address is
/// one that others can reach, unless the options allow that.
[[nodiscard]] Result<Listening> listen_on(const ListenOptions& options, bool secure);

}  // namespace doorstep
