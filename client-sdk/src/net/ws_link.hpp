// A link from a device to its hub, in the terms of the SDK: an address, limits and errors of the
// catalogue around the WebSocket.
#pragma once

#include "client-sdk/src/net/hub_url.hpp"
#include "client-sdk/src/net/web_socket.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

/// Connects as `caller` (text_of(Caller), or empty), runs the conversation, returns when the driver
/// closed it (no error) or the link was lost. Errors: unreachable, tls_failed, link_lost, timeout.
/// Blocks; throws nothing.
[[nodiscard]] Status run_link(const HubUrl& url, const std::string& caller, LinkDriver& driver,
                              LinkControl& control, LinkBytes& bytes);

}  // namespace doorstep
