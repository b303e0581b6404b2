// Who may include whom. Single-threaded.
#pragma once

#include <vector>

#include "tests/tidy/finding.hpp"
#include "tests/tidy/source_tree.hpp"

namespace doorstep::tidy {

// The include table of our folders, and which third-party library each may use, in .cpp files only.
[[nodiscard]] Findings check_includes(const SourceFile& file);

// Beast costs seconds of compile time a file: at most six files include it.
[[nodiscard]] Findings check_beast_files(const std::vector<SourceFile>& files);

// A header says #pragma once, and a .cpp with a header of its own name includes it before anything
// else: so the header is compiled with nothing before it.
[[nodiscard]] Findings check_own_headers(const std::vector<SourceFile>& files);

}  // namespace doorstep::tidy
