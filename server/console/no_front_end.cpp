#include "server/console/console_files.hpp"

namespace doorstep::console {

std::span<const ConsoleFile> console_files() { return {}; }

}  // namespace doorstep::console
