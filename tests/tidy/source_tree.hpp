// The files of the repository, as the house rules see them. Single-threaded.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace doorstep::tidy {

// A file: path relative to the root with '/', and its whole content.
struct SourceFile {
  std::string path;
  std::string text;

  [[nodiscard]] bool has_extension(std::string_view extension) const;  // with the dot
  [[nodiscard]] bool is_cpp() const;                                   // .cpp or .hpp
  [[nodiscard]] bool is_below(std::string_view folder) const;  // folder without trailing '/'
};

// Every tracked file and every new one that is not ignored, sorted by path; without a usable git,
// every file outside build/ and dot folders. Files that are not text (a NUL in them) are left out.
[[nodiscard]] std::vector<SourceFile> read_source_tree(const std::filesystem::path& root);

// Lines without their line ends.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace doorstep::tidy
