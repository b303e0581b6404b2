// The command line of doorstep-sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/result.hpp"

namespace doorstep::sim {

struct SimOptions {
  std::uint64_t from = 1;
  std::uint64_t seeds = 100;
  std::string replay;         ///< a script's file; empty: seeds
  std::string defect;         ///< switched on in the engine; empty: none
  bool twice = false;         ///< each run again, and the traces compared
  bool print_script = false;  ///< and run nothing
  bool shrink = false;
  bool json = false;
  bool trace = false;
  bool help = false;
};

/// Error malformed with a sentence.
[[nodiscard]] Result<SimOptions> parse_options(const std::vector<std::string>& arguments);

[[nodiscard]] const char* usage();

}  // namespace doorstep::sim
