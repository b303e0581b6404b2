#include "engine/wire/cbor_item.hpp"

#include <cbor.h>

namespace doorstep {
namespace {

using Kind = CborItem::Kind;

void take(void* context, Kind kind, std::uint64_t number) {
  auto& item = *static_cast<CborItem*>(context);
  item.kind = kind;
  item.number = number;
}

template <class Number>
void take_unsigned(void* context, Number number) {
  take(context, Kind::unsigned_number, number);
}

template <class Number>
void take_negative(void* context, Number number) {
  take(context, Kind::negative_number, number);
}

template <Kind kind>
void take_string(void* context, cbor_data data, std::size_t size) {
  auto& item = *static_cast<CborItem*>(context);
  item.kind = kind;
  item.content = ByteView(data, size);
}

void take_array(void* context, std::size_t count) { take(context, Kind::array, count); }
void take_boolean(void* context, bool value) { take(context, Kind::boolean, value ? 1 : 0); }
void take_null(void* context) { take(context, Kind::null, 0); }

void take_real(void* context, double value) {
  auto& item = *static_cast<CborItem*>(context);
  item.kind = Kind::real;
  item.real = value;
}

// What is not named here does nothing, so the item stays `refused`.
cbor_callbacks make_callbacks() {
  cbor_callbacks callbacks = cbor_empty_callbacks;
  callbacks.uint8 = take_unsigned<std::uint8_t>;
  callbacks.uint16 = take_unsigned<std::uint16_t>;
  callbacks.uint32 = take_unsigned<std::uint32_t>;
  callbacks.uint64 = take_unsigned<std::uint64_t>;
  callbacks.negint8 = take_negative<std::uint8_t>;
  callbacks.negint16 = take_negative<std::uint16_t>;
  callbacks.negint32 = take_negative<std::uint32_t>;
  callbacks.negint64 = take_negative<std::uint64_t>;
  callbacks.byte_string = take_string<Kind::bytes>;
  callbacks.string = take_string<Kind::text>;
  callbacks.array_start = take_array;
  callbacks.float8 = take_real;
  callbacks.boolean = take_boolean;
  callbacks.null = take_null;
  return callbacks;
}

}  // namespace

bool next_item(ByteView bytes, CborItem& item) {
  static const cbor_callbacks callbacks = make_callbacks();
  item = {};
  if (bytes.empty()) return false;
  const cbor_decoder_result result =
      cbor_stream_decode(bytes.data(), bytes.size(), &callbacks, &item);
  item.size = result.read;
  return result.status == CBOR_DECODER_FINISHED && result.read <= bytes.size();
}

}  // namespace doorstep
