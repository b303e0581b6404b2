#include "engine/core/size_text.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace doorstep {

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units{
      {{" TB", 1'000'000'000'000}, {" GB", 1'000'000'000}, {" MB", 1'000'000}, {" kB", 1'000}}};
  for (const auto& [name, size] : units) {
    if (bytes < size) continue;
    const std::uint64_t tenths = bytes / (size / 10);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + std::string(name);
  }
  return std::to_string(bytes) + " bytes";
}

}  // namespace doorstep
