#include "engine/core/size_text.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>
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

Result<std::uint64_t> size_of_text(std::string_view text) {
  const auto nonsense = [&] {
    return error(ErrorCode::usage,
                 "a size looks like 64K, 2M or 500000, not '" + std::string(text) + "'");
  };
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return nonsense();
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::string_view letters = "KMG";
  std::uint64_t size = 1;
  if (!unit.empty() && unit != "B" && unit != "b") {
    const char letter =
        unit.front() >= 'a' ? static_cast<char>(unit.front() - 'a' + 'A') : unit.front();
    const std::size_t power = letters.find(letter);
    if (power == std::string_view::npos) return nonsense();
    for (std::size_t i = 0; i <= power; ++i) size *= 1000;
    unit.remove_prefix(1);
    if (!unit.empty() && unit != "B" && unit != "b") return nonsense();
  }
  if (number > std::numeric_limits<std::uint64_t>::max() / size) return nonsense();
  return number * size;
}

}  // namespace doorstep
