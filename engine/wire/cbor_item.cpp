#include "engine/wire/cbor_item.hpp"

#include <bit>

namespace doorstep {
namespace {

using Kind = CborItem::Kind;

// The high three bits of an item's first byte.
enum class Major : std::uint8_t {
  unsigned_number,
  negative_number,
  bytes,
  text,
  array,
  map,
  tag,
  simple
};
constexpr std::uint8_t indefinite = 31;  // of the low five bits: its end is marked, or it is one
// What the low five bits of a simple one mean.
constexpr std::uint8_t simple_false = 20;
constexpr std::uint8_t simple_true = 21;
constexpr std::uint8_t simple_null = 22;
constexpr std::uint8_t simple_real64 = 27;

/// Bytes that follow the first and hold the number; nullopt for forms that have none.
std::optional<std::size_t> number_bytes(std::uint8_t low) {
  if (low < 24) return 0;
  if (low < 28) return std::size_t{1} << (low - 24U);
  return std::nullopt;
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return number;
}

void take_simple(CborItem& item, std::uint8_t low) {
  switch (low) {
    case simple_false:
    case simple_true:
      item.kind = Kind::boolean;
      item.number = low == simple_true ? 1 : 0;
      return;
    case simple_null:
      item.kind = Kind::null;
      item.number = 0;
      return;
    case simple_real64:
      item.kind = Kind::real;
      item.real = std::bit_cast<double>(item.number);
      item.number = 0;
      return;
    default:
      item.number = 0;  // refused
  }
}

}  // namespace

std::optional<CborItem> next_item(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto major = static_cast<Major>(bytes[0] >> 5U);
  const auto low = static_cast<std::uint8_t>(bytes[0] & 31U);
  const std::optional<std::size_t> size = number_bytes(low);
  CborItem item;
  item.size = 1;
  if (!size) return low == indefinite ? std::optional(item) : std::nullopt;
  if (*size > bytes.size() - 1) return std::nullopt;
  item.size += *size;
  item.number = *size == 0 ? low : big_endian(bytes.subspan(1, *size));
  switch (major) {
    case Major::unsigned_number:
      item.kind = Kind::unsigned_number;
      break;
    case Major::negative_number:
      item.kind = Kind::negative_number;
      break;
    case Major::bytes:
    case Major::text:
      if (item.number > bytes.size() - item.size) return std::nullopt;
      item.kind = major == Major::text ? Kind::text : Kind::bytes;
      item.content = bytes.subspan(item.size, static_cast<std::size_t>(item.number));
      item.size += item.content.size();
      item.number = 0;
      break;
    case Major::array:
      item.kind = Kind::array;
      break;
    case Major::simple:
      take_simple(item, low);
      break;
    case Major::map:
    case Major::tag:
      break;
  }
  return item;
}

}  // namespace doorstep
