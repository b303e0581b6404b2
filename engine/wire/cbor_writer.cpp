#include "engine/wire/cbor_writer.hpp"

#include <array>
#include <utility>

#include <cbor.h>

#include "engine/core/assert.hpp"
#include "engine/wire/cbor_item.hpp"

namespace doorstep {
namespace {

// -1 - n of a negative n, without overflow.
std::uint64_t complement(std::int64_t number) { return ~static_cast<std::uint64_t>(number); }

}  // namespace

template <auto Encode, class... Arguments>
void CborWriter::put(Arguments... arguments) {
  std::array<unsigned char, 9> head{};
  const std::size_t size = Encode(arguments..., head.data(), head.size());
  DS_ASSERT(size > 0);
  out_.insert(out_.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size));
}

void CborWriter::array(std::size_t count) { put<cbor_encode_array_start>(count); }
void CborWriter::number(std::uint64_t number) { put<cbor_encode_uint>(number); }
void CborWriter::boolean(bool value) { put<cbor_encode_bool>(value); }
void CborWriter::real(double value) { put<cbor_encode_double>(value); }
void CborWriter::null() { put<cbor_encode_null>(); }

void CborWriter::integer(std::int64_t number) {
  if (number >= 0) {
    put<cbor_encode_uint>(static_cast<std::uint64_t>(number));
  } else {
    put<cbor_encode_negint>(complement(number));
  }
}

void CborWriter::text(std::string_view text) {
  put<cbor_encode_string_start>(text.size());
  out_.insert(out_.end(), text.begin(), text.end());
}

void CborWriter::bytes(ByteView bytes) {
  put<cbor_encode_bytestring_start>(bytes.size());
  out_.insert(out_.end(), bytes.begin(), bytes.end());
}

void CborWriter::item(ByteView encoded) { out_.insert(out_.end(), encoded.begin(), encoded.end()); }

void CborWriter::value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return null();
    case Value::Kind::integer:
      return integer(value.as_integer());
    case Value::Kind::real:
      return real(value.as_real());
    case Value::Kind::text:
      return text(value.as_text());
    case Value::Kind::blob:
      return bytes(value.as_blob());
  }
}

std::size_t encoded_size(std::int64_t number) {
  return head_size(number >= 0 ? static_cast<std::uint64_t>(number) : complement(number));
}

std::size_t encoded_size(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return 1;
    case Value::Kind::integer:
      return encoded_size(value.as_integer());
    case Value::Kind::real:
      return 9;
    case Value::Kind::text:
    case Value::Kind::blob:
      break;
  }
  return head_size(value.payload_size()) + value.payload_size();
}

}  // namespace doorstep
