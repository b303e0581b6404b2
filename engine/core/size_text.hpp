// A number of bytes for people.
#pragma once

#include <cstdint>
#include <string>

namespace doorstep {

/// "9.6 GB", "20.0 MB", "3.1 kB", "512 bytes": powers of 1000, as phones say it. Rounded down, so
/// that free space is never overstated.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace doorstep
