// A page of the guide as its readers use it: what stands in its fenced blocks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace doorstep::test {

[[nodiscard]] std::string text_of_file(const std::filesystem::path& path);

/// The contents of the fenced blocks of one language, in order.
[[nodiscard]] std::vector<std::string> blocks_of(const std::string& page,
                                                 const std::string& language);

}  // namespace doorstep::test
