// Whether the peer of a TCP connection is still there.
#pragma once

#include <cstdint>

namespace doorstep {

/// How long the peer of this socket has given no sign of life, in milliseconds. Asked of the
/// kernel, because on a slow link one large frame takes minutes, in which acknowledgements come but
/// no message does. Zero when the kernel does not say.
[[nodiscard]] std::int64_t quiet_ms(int socket);

}  // namespace doorstep
