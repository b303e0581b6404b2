#include "tests/support/paths.hpp"

namespace doorstep::test {

std::filesystem::path source_dir() { return DOORSTEP_SOURCE_DIR; }

std::filesystem::path bin_dir() { return DOORSTEP_BIN_DIR; }

}  // namespace doorstep::test
