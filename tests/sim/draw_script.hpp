// A script from a seed. Swarm testing (Groce et al., 2012): each seed first draws which faults and
// which kinds of work exist in it at all and how often, so that rare things are not always drowned
// by frequent ones.
#pragma once

#include "tests/sim/script.hpp"

namespace doorstep::sim {

inline constexpr std::size_t phones_max = 8;

/// Same seed, same script, on every platform.
[[nodiscard]] Script draw_script(std::uint64_t seed);

}  // namespace doorstep::sim
