#include "engine/wire/cbor_check.hpp"

#include <array>
#include <cmath>

#include "engine/wire/cbor_item.hpp"

namespace doorstep {
namespace {

Error malformed(const char* detail) { return error(ErrorCode::malformed, detail); }

Status check_item(const CborItem& item) {
  switch (item.kind) {
    case CborItem::Kind::refused:
      return malformed("an item of a kind that the protocol does not use");
    case CborItem::Kind::unsigned_number:
    case CborItem::Kind::negative_number:
    case CborItem::Kind::array:
      if (item.size != head_size(item.number))
        return malformed("a number not in its shortest form");
      return {};
    case CborItem::Kind::bytes:
    case CborItem::Kind::text:
      if (item.size != head_size(item.content.size()) + item.content.size()) {
        return malformed("a length not in its shortest form");
      }
      if (item.kind == CborItem::Kind::text && !is_valid_text(text_of(item.content))) {
        return malformed("text that is not UTF-8");
      }
      return {};
    case CborItem::Kind::real:
      if (std::isnan(item.real) || (item.real == 0 && std::signbit(item.real))) {
        return malformed("a real that is NaN or -0.0");
      }
      return {};
    case CborItem::Kind::boolean:
    case CborItem::Kind::null:
      return {};
  }
  return malformed("an item of no kind");
}

}  // namespace

Status check_cbor(ByteView bytes, std::size_t bytes_max, std::size_t depth_max) {
  if (bytes.size() > bytes_max) return error(ErrorCode::message_too_large, "too many bytes");
  // Elements still to come, one number for each array that is open.
  std::array<std::uint64_t, limits::cbor_depth_max> open{};
  std::size_t depth = 0;
  std::size_t at = 0;
  std::size_t items = 0;
  CborItem item;
  do {
    if (++items > limits::cbor_items_max)
      return error(ErrorCode::message_too_large, "too many items");
    if (!next_item(bytes.subspan(at), item)) return malformed("ends within an item");
    DS_TRY(check_item(item));
    at += item.size;
    if (depth > 0) --open[depth - 1];
    if (item.kind == CborItem::Kind::array) {
      if (depth == depth_max) return error(ErrorCode::too_deep);
      if (item.number > bytes.size() - at) return malformed("an array longer than what follows");
      open[depth++] = item.number;
    }
    while (depth > 0 && open[depth - 1] == 0) --depth;
  } while (depth > 0);
  if (at != bytes.size()) return malformed("bytes after the end");
  return {};
}

}  // namespace doorstep
