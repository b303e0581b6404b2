#include "server/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace doorstep {
namespace {

// Blocks of East Asian Width "wide" (Unicode Standard Annex 11) that names and notes hold.
constexpr std::array<std::pair<char32_t, char32_t>, 6> wide_ranges{{{0x1100, 0x115F},
                                                                    {0x2E80, 0xA4CF},
                                                                    {0xAC00, 0xD7A3},
                                                                    {0xF900, 0xFAFF},
                                                                    {0xFE30, 0xFE6F},
                                                                    {0xFF00, 0xFF60}}};

bool is_wide(char32_t c) {
  if (c >= 0x1F300 && c <= 0x1F64F) return true;
  if (c >= 0x20000 && c <= 0x3FFFD) return true;
  return std::any_of(wide_ranges.begin(), wide_ranges.end(),
                     [&](const auto& range) { return c >= range.first && c <= range.second; });
}

// The character that begins at text[at], and how many bytes it has; a stray byte counts as one
// character.
std::pair<char32_t, std::size_t> character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  const std::size_t size = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
  if (size == 1 || at + size > text.size()) return {first, 1};
  char32_t c = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) c = c << 6U | (byte(at + i) & 0x3FU);
  return {c, size};
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

}  // namespace

std::size_t shown_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = character_at(text, at);
    width += is_wide(c) ? 2 : 1;
    at += size;
  }
  return width;
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], shown_width(one_line(row[i])));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      const std::string cell = one_line(row[i]);
      line += cell;
      line.append(widths[i] - shown_width(cell) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace doorstep
