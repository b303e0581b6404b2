// The header of HTTP's request for the WebSocket in which a device says who calls. By itself, so
// that the sockets need not know any message.
#pragma once

#include <string_view>

namespace doorstep {

inline constexpr std::string_view caller_header = "Doorstep-Caller";

}  // namespace doorstep
