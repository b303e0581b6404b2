#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

namespace doorstep::tidy {
namespace {

struct PipeCloser {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

std::vector<std::string> listed_by_git(const std::filesystem::path& root) {
  const std::string command = "git -c safe.directory='*' -C '" + root.string() +
                              "' ls-files --cached --others --exclude-standard 2>/dev/null";
  const std::unique_ptr<std::FILE, PipeCloser> pipe{popen(command.c_str(), "r")};
  std::string listing;
  if (pipe) {
    std::array<char, 4096> chunk{};
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) {
      listing.append(chunk.data(), size);
    }
  }
  std::vector<std::string> paths;
  for (const std::string_view line : lines_of(listing)) paths.emplace_back(line);
  return paths;
}

std::vector<std::string> found_by_walking(const std::filesystem::path& root) {
  std::vector<std::string> paths;
  auto entry = std::filesystem::recursive_directory_iterator{root};
  for (; entry != std::filesystem::recursive_directory_iterator{}; ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() && (name == "build" || name.starts_with('.'))) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      paths.push_back(std::filesystem::relative(entry->path(), root).generic_string());
    }
  }
  return paths;
}

}  // namespace

bool SourceFile::has_extension(std::string_view extension) const {
  return path.ends_with(extension);
}

bool SourceFile::is_cpp() const { return has_extension(".cpp") || has_extension(".hpp"); }

bool SourceFile::is_below(std::string_view folder) const {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::vector<SourceFile> read_source_tree(const std::filesystem::path& root) {
  std::vector<std::string> paths = listed_by_git(root);
  if (paths.empty()) paths = found_by_walking(root);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());

  std::vector<SourceFile> files;
  for (std::string& path : paths) {
    std::ifstream stream{root / path, std::ios::binary};
    if (!stream) continue;  // deleted in the working tree, still in the index
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (text.find('\0') == std::string::npos) files.push_back({std::move(path), std::move(text)});
  }
  return files;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace doorstep::tidy
