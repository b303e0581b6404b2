// Sizes, names, banned calls and words, and documents that must agree with the code.
// Single-threaded.
#pragma once

#include <vector>

#include "tests/tidy/finding.hpp"
#include "tests/tidy/source_tree.hpp"

namespace doorstep::tidy {

// C++ files hold at most 400 lines, functions and test cases at most 70.
[[nodiscard]] Findings check_sizes(const SourceFile& file);

// No file or class that says only that it is useful.
[[nodiscard]] Findings check_names(const SourceFile& file);

// The pure layers have no clock, randomness, thread, socket, environment or output of their own.
[[nodiscard]] Findings check_banned_calls(const SourceFile& file);

// No note to do something later: it is done, or it is in the limitations.
[[nodiscard]] Findings check_leftover_markers(const SourceFile& file);

// Lines are left out of the count of coverage in two files only, which docs/testing.md names.
[[nodiscard]] Findings check_coverage_markers(const SourceFile& file);

// A Markdown file has exactly one title.
[[nodiscard]] Findings check_markdown_title(const SourceFile& file);

// docs/protocol.md speaks of the version that engine/wire/version.hpp sets. No findings while
// either is missing.
[[nodiscard]] Findings check_protocol_version(const std::vector<SourceFile>& files);

// README.md and README.zh-CN.md name the two commands that people start with.
[[nodiscard]] Findings check_readme_commands(const std::vector<SourceFile>& files);

}  // namespace doorstep::tidy
