// Where tests find the repository and the built binaries. Any thread; values never change.
#pragma once

#include <filesystem>

namespace doorstep::test {

// Root of the repository that this binary was built from, absolute.
[[nodiscard]] std::filesystem::path source_dir();

// Folder of the built executables (doorstep, doorstepd), absolute.
[[nodiscard]] std::filesystem::path bin_dir();

}  // namespace doorstep::test
