#include "engine/core/match_name.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/core/match.hpp"
#include "engine/core/utf8.hpp"

namespace doorstep {
namespace {

/// Takes one character off the front; 0 for what is no UTF-8, one byte at a time.
char32_t next_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80U   ? 1
                             : first < 0xC0U ? 0
                             : first < 0xE0U ? 2
                             : first < 0xF0U ? 3
                             : first < 0xF8U ? 4
                                             : 0;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return 0;
  }
  char32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      text.remove_prefix(1);
      return 0;
    }
    point = point << 6U | (byte(i) & 0x3FU);
  }
  text.remove_prefix(length);
  return point;
}

/// Full-width forms stand 0xFEE0 above their narrow ones.
char32_t narrow(char32_t point) {
  return point >= 0xFF01U && point <= 0xFF5EU ? point - 0xFEE0U : point;
}

/// Spaces, controls and punctuation, ASCII's and those of Chinese text (the dot in minority names
/// too).
bool says_nothing(char32_t point) {
  if (point < 0x80U) {
    const bool digit = point >= '0' && point <= '9';
    const bool letter = (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
    return !digit && !letter;
  }
  return (point >= 0x80U && point <= 0xBFU) || (point >= 0x2000U && point <= 0x206FU) ||
         (point >= 0x3000U && point <= 0x3004U) || (point >= 0x3008U && point <= 0x3020U) ||
         point == 0x30FBU || point == 0xFEFFU || (point >= 0xFF5FU && point <= 0xFF65U);
}

// Costs of turning one name into the other, in quarters of a character.
constexpr int same_sound_cost = 1;
constexpr int swap_cost = 2;
constexpr int missing_cost = 3;
constexpr int other_cost = 4;

int change_cost(char32_t a, char32_t b) {
  if (a == b) return 0;
  return sound_of(a) == sound_of(b) ? same_sound_cost : other_cost;
}

/// Edit distance with swaps of neighbours (optimal string alignment), in quarters.
int distance(const std::u32string& a, const std::u32string& b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> cost((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> int& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = static_cast<int>(i) * missing_cost;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = static_cast<int>(j) * missing_cost;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int best = at(i - 1, j - 1) + change_cost(a[i - 1], b[j - 1]);
      best = std::min(best, at(i - 1, j) + missing_cost);
      best = std::min(best, at(i, j - 1) + missing_cost);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, at(i - 2, j - 2) + swap_cost);
      }
      at(i, j) = best;
    }
  }
  return at(a.size(), b.size());
}

}  // namespace

std::u32string name_points(std::string_view text) {
  std::u32string points;
  while (!text.empty() && points.size() < limits::match_name_points_max) {
    if (const char32_t point = next_point(text); point != 0) points += point;
  }
  return points;
}

std::string utf8_of(const std::u32string& points) {
  std::string text;
  for (const char32_t point : points) append_utf8(text, point);
  return text;
}

std::string match_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char32_t point = narrow(next_point(text));
    if (says_nothing(point)) continue;
    if (point >= 'A' && point <= 'Z') point += 'a' - 'A';
    append_utf8(out, point);
  }
  return out;
}

std::string match_text(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "";
    case Value::Kind::integer:
      return std::to_string(value.as_integer());
    case Value::Kind::real:
      return value.display();
    case Value::Kind::text:
      return match_text(value.as_text());
    case Value::Kind::blob:
      return to_hex(value.as_blob());
  }
  return "";
}

int name_similarity(std::string_view a, std::string_view b) {
  const std::u32string one = name_points(a);
  const std::u32string other = name_points(b);
  const int longer = static_cast<int>(std::max(one.size(), other.size()));
  if (longer == 0) return 0;
  return std::max(0, 100 - distance(one, other) * 100 / (longer * other_cost));
}

}  // namespace doorstep
