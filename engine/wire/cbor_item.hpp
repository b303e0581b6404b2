// One data item of CBOR at a time (RFC 8949), over libcbor's streaming decoder. Only what the
// protocol uses: integers, byte strings, text, arrays, booleans, null and 64-bit reals, all of
// definite length. Pure.
#pragma once

#include <cstdint>

#include "engine/core/bytes.hpp"

namespace doorstep {

struct CborItem {
  enum class Kind : std::uint8_t {
    unsigned_number,  ///< `number`
    negative_number,  ///< -1 - `number`
    bytes,            ///< `content`
    text,             ///< `content`, not checked
    array,            ///< `number` elements follow
    boolean,          ///< `number` is 0 or 1
    null,
    real,    ///< `real`
    refused  ///< maps, tags, indefinite lengths, short reals and whatever else
  };
  Kind kind = Kind::refused;
  std::uint64_t number = 0;
  ByteView content;  ///< into the bytes given
  double real = 0;
  std::size_t size = 0;  ///< bytes of the item; of an array, of its head only
};

/// Puts the item at the front of `bytes` into `item`; false when it is not well-formed or does not
/// end within them. It is not returned: the copy of an item written field by field a moment ago
/// waits for its stores, 70 % of this function's time in a profile of short transactions.
[[nodiscard]] bool next_item(ByteView bytes, CborItem& item);

/// Bytes of the shortest head that carries `number`.
[[nodiscard]] constexpr std::size_t head_size(std::uint64_t number) {
  if (number < 24) return 1;
  if (number <= 0xff) return 2;
  if (number <= 0xffff) return 3;
  return number <= 0xffff'ffff ? 5 : 9;
}

}  // namespace doorstep
