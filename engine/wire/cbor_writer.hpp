// Writes CBOR in the one form that the protocol allows: shortest heads, definite lengths, reals
// always in 64 bits. Arrays are announced with their count; the caller writes that many elements
// after it. Not thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "engine/core/bytes.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

class CborWriter {
 public:
  void array(std::size_t count);
  void number(std::uint64_t number);
  void integer(std::int64_t number);
  void boolean(bool value);
  void real(double value);
  void null();
  void text(std::string_view text);
  void bytes(ByteView bytes);
  void value(const Value& value);
  /// One item that was written before, with all that it holds.
  void item(ByteView encoded);
  template <class Tag, std::size_t N>
  void id(const ByteId<Tag, N>& id) {
    bytes(id.view());
  }

  /// What was written; the writer is empty afterwards.
  [[nodiscard]] Bytes take() { return std::exchange(out_, {}); }

 private:
  template <auto Encode, class... Arguments>
  void put(Arguments... arguments);

  Bytes out_;
};

/// Bytes that CborWriter::integer and CborWriter::value write.
[[nodiscard]] std::size_t encoded_size(std::int64_t number);
[[nodiscard]] std::size_t encoded_size(const Value& value);

}  // namespace doorstep
