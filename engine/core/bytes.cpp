#include "engine/core/bytes.hpp"

#include <bit>
#include <cstring>

namespace doorstep {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Length of the well-formed sequence of more than one byte that `rest` begins with, or 0 (Unicode
/// 15, table 3-7).
std::size_t sequence_length(ByteView rest) {
  const auto follows = [&](std::size_t i) { return (rest[i] & 0xC0U) == 0x80U; };
  const unsigned lead = rest[0];
  if (lead >= 0xE0U && lead <= 0xEFU) {
    if (rest.size() < 3 || !follows(1) || !follows(2)) return 0;
    if (lead == 0xE0U && rest[1] < 0xA0U) return 0;
    if (lead == 0xEDU && rest[1] > 0x9FU) return 0;
    return 3;
  }
  if (lead >= 0xC2U && lead <= 0xDFU) return rest.size() >= 2 && follows(1) ? 2 : 0;
  if (lead >= 0xF0U && lead <= 0xF4U) {
    if (rest.size() < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    if (lead == 0xF0U && rest[1] < 0x90U) return 0;
    if (lead == 0xF4U && rest[1] > 0x8FU) return 0;
    return 4;
  }
  return 0;
}

constexpr std::size_t eight = sizeof(std::uint64_t);

/// Are the first eight bytes all ASCII, and none of them zero?
bool is_plain(ByteView bytes) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
  constexpr std::uint64_t highs = 0x8080'8080'8080'8080U;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), eight);
  return ((word | (word - ones)) & highs) == 0;
}

/// Do the bytes begin with a well-formed sequence of three? Most of Chinese is of these. False also
/// where fewer than four bytes are left.
bool is_three(ByteView bytes) {
  if constexpr (std::endian::native != std::endian::little) return false;
  constexpr std::uint32_t marks = 0x00C0'C0F0U;  // of one lead and two that follow
  constexpr std::uint32_t marks_of_three = 0x0080'80E0U;
  constexpr std::uint32_t choice = 0x200FU;  // what the lead and the top of the next say
  constexpr std::uint32_t surrogate = 0x200DU;
  std::uint32_t word = 0;
  if (bytes.size() < sizeof word) return false;
  std::memcpy(&word, bytes.data(), sizeof word);
  const std::uint32_t chosen = word & choice;  // zero: longer than it need be
  return (word & marks) == marks_of_three && chosen != 0 && chosen != surrogate;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_of(text[i]);
    const int low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

bool is_valid_text(std::string_view text) {
  const ByteView bytes = bytes_of(text);
  for (std::size_t at = 0; at < bytes.size();) {
    if (is_three(bytes.subspan(at))) {
      at += 3;
      continue;
    }
    if (bytes.size() - at >= eight && is_plain(bytes.subspan(at))) {
      at += eight;
      continue;
    }
    if (bytes[at] < 0x80U) {
      if (bytes[at++] == 0) return false;
      continue;
    }
    const std::size_t length = sequence_length(bytes.subspan(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace doorstep
