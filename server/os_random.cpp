#include "server/os_random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "engine/core/assert.hpp"

namespace doorstep {

void OsRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      DS_ASSERT(errno == EINTR);
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace doorstep
