#include "client-sdk/examples/volunteer/screen.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace volunteer {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The first character of what is not empty; a byte that is no UTF-8 counts as U+FFFD.
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (size == 1) return {lead, 1};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {0xfffd, 1};
  char32_t code = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80) return {0xfffd, 1};
    code = code << 6U | (byte & 0x3fU);
  }
  return {code, size};
}

std::size_t columns_of(char32_t code) {
  const auto within = [code](char32_t from, char32_t to) { return code >= from && code <= to; };
  if (within(0x300, 0x36f) || within(0x200b, 0x200f) || within(0xfe00, 0xfe0f)) return 0;
  const bool wide = within(0x1100, 0x115f) || within(0x2e80, 0xa4cf) || within(0xac00, 0xd7a3) ||
                    within(0xf900, 0xfaff) || within(0xfe30, 0xfe6f) || within(0xff00, 0xff60) ||
                    within(0xffe0, 0xffe6) || within(0x1f300, 0x1faff) || within(0x20000, 0x3fffd);
  return wide ? 2 : 1;
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

// As many whole characters as fit, taken off the front of `text`.
std::string take(std::string_view& text, std::size_t columns) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_of(text);
    const bool control = is_control(next.code);
    const std::size_t width = control ? 1 : columns_of(next.code);
    if (width > columns) break;
    columns -= width;
    if (control) {
      out += ' ';
    } else if (next.code == 0xfffd && next.bytes == 1) {
      out += '?';
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    width += is_control(next.code) ? 1 : columns_of(next.code);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t columns) {
  const bool cut = width_of(text) > columns;
  std::string out = take(text, cut && columns > 0 ? columns - 1 : columns);
  if (cut && columns > 0) out += "…";
  const std::size_t width = width_of(out);
  return out + std::string(columns - std::min(columns, width), ' ');
}

void clear_screen() {
  if (::isatty(STDOUT_FILENO) == 1) std::cout << "\x1b[H\x1b[2J\x1b[3J";
}

void print(std::string_view line) {
  std::string shown = fitted(line, screen_columns);
  shown.erase(shown.find_last_not_of(' ') + 1);
  std::cout << shown << '\n';
}

void print_wrapped(std::string_view text, std::size_t lines) {
  for (; lines > 1 && width_of(text) > screen_columns; --lines) {
    std::cout << take(text, screen_columns) << '\n';
  }
  print(text);
}

std::optional<std::string> ask(std::string_view prompt) {
  std::cout << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return without_blanks(line);
}

std::string as_choice(std::string_view typed) {
  std::string out;
  while (!typed.empty()) {
    const Character next = first_of(typed);
    if (next.code >= 0xff01 && next.code <= 0xff5e) {
      out += static_cast<char>(next.code - 0xff01 + '!');
    } else {
      out += typed.substr(0, next.bytes);
    }
    typed.remove_prefix(next.bytes);
  }
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::optional<std::size_t> number_of(std::string_view choice, std::size_t most) {
  if (choice.empty() || choice.size() > 4) return std::nullopt;
  std::size_t number = 0;
  for (const char digit : choice) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<std::size_t>(digit - '0');
  }
  if (number == 0 || number > most) return std::nullopt;
  return number;
}

bool typed_within(int milliseconds) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, milliseconds) > 0;
}

}  // namespace volunteer
