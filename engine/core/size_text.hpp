// A number of bytes for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/result.hpp"

namespace doorstep {

/// "9.6 GB", "20.0 MB", "3.1 kB", "512 bytes": powers of 1000, as phones say it. Rounded down, so
/// that free space is never overstated.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The other way round, as commands take it: digits, then nothing, K, M or G (powers of 1000; kB
/// and the like too, in any case). Error usage for anything else, also for what does not fit.
[[nodiscard]] Result<std::uint64_t> size_of_text(std::string_view text);

}  // namespace doorstep
