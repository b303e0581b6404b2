// What a push counts against the window of unacknowledged bytes. Pure.
#pragma once

#include "engine/wire/message.hpp"

namespace doorstep {

/// The bytes of its bodies.
[[nodiscard]] inline std::uint64_t bytes_in(const Push& push) {
  std::uint64_t bytes = 0;
  for (const Bytes& body : push.bodies) bytes += body.size();
  return bytes;
}

}  // namespace doorstep
