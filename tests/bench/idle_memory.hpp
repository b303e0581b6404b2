// What a hub process holds for each device that is connected and has nothing to do.
#pragma once

#include <cstddef>

namespace doorstep::bench {

struct PerConnection {
  double resident = 0;      ///< KiB
  double proportional = 0;  ///< KiB; pages that others map too count by their share
};

/// Growth of a hub of its own when so many devices connect, are up to date, and stay.
[[nodiscard]] PerConnection idle_memory(std::size_t connections, bool tls);

}  // namespace doorstep::bench
