// What a house rule found. Plain values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace doorstep::tidy {

// One breach of a rule. `line` counts from 1; 0 speaks of the whole file.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string what;
};

using Findings = std::vector<Finding>;

// "path:line: what", one a line.
[[nodiscard]] std::string describe(const Findings& findings);

// Moves the findings of `more` behind those of `all`.
void append(Findings& all, Findings more);

}  // namespace doorstep::tidy
