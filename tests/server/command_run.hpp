// The hub's commands as people give them, and what they hear.
#pragma once

#include <string>
#include <vector>

namespace doorstep::test {

struct Said {
  int status = 0;
  std::string out;
  std::string err;
};

[[nodiscard]] Said run(const std::vector<std::string>& arguments, bool chinese = false);

}  // namespace doorstep::test
