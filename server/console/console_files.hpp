// The front-end as it was built into the program: files in memory, compressed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace doorstep::console {

struct ConsoleFile {
  std::string_view path;               ///< "/index.html", "/assets/app-3f2a.js"
  std::string_view type;               ///< as Content-Type has it
  std::span<const std::uint8_t> gzip;  ///< its bytes, compressed (RFC 1952)
  std::string_view etag;               ///< without quotes
};

/// Ascending by path. A build without the front-end has none.
[[nodiscard]] std::span<const ConsoleFile> console_files();

}  // namespace doorstep::console
