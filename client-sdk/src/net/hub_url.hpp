// Where a hub listens, as people write it: ws://host:port or wss://host:port, optionally with a
// path.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.hpp"

namespace doorstep {

struct HubUrl {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path = "/";
};

/// Error usage for anything else; plain ws:// to another machine than this one is refused (use
/// wss://).
[[nodiscard]] Result<HubUrl> parse_hub_url(std::string_view text);

}  // namespace doorstep
