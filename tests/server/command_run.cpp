#include "tests/server/command_run.hpp"

#include <sstream>

#include "server/commands/command.hpp"

namespace doorstep::test {

Said run(const std::vector<std::string>& arguments, bool chinese) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = commands::run(arguments, {out, err, chinese, false});
  return {status, out.str(), err.str()};
}

}  // namespace doorstep::test
