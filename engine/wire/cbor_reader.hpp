// Reads what check_cbor has passed, one item at a time, into our types. The first error sticks:
// every later read gives an empty value, so that callers read a whole structure and look once at
// the end. Views point into the bytes given. Not thread-safe.
#pragma once

#include <limits>
#include <optional>
#include <string_view>

#include "engine/core/bytes.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "engine/core/value.hpp"
#include "engine/wire/cbor_item.hpp"

namespace doorstep {

class CborReader {
 public:
  /// Errors of check_cbor.
  [[nodiscard]] static Result<CborReader> open(ByteView bytes, std::size_t bytes_max);

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  /// Keeps the first error.
  void fail(Error error);
  void fail_malformed(const char* detail) { fail(doorstep::error(ErrorCode::malformed, detail)); }
  /// The first error. Precondition: !ok().
  [[nodiscard]] const Error& error() const { return *error_; }

  /// The element count of an array; 0 after an error. At most as many as there are items to read.
  [[nodiscard]] std::size_t array(std::size_t count_max = std::numeric_limits<std::size_t>::max());
  /// An array of exactly `count` elements.
  void array_of(std::size_t count);
  [[nodiscard]] std::uint64_t number(std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] bool boolean();
  [[nodiscard]] std::string_view text(
      std::size_t bytes_max = std::numeric_limits<std::size_t>::max());
  [[nodiscard]] ByteView bytes();
  [[nodiscard]] Value value();
  /// The bytes of the next item with all that it holds; empty after an error.
  [[nodiscard]] ByteView item();
  /// True, and the item is consumed, when the next is null; false and nothing consumed otherwise.
  [[nodiscard]] bool take_null();
  template <class Id>
  [[nodiscard]] Id id() {
    const std::optional<Id> id = Id::from(bytes());
    if (!id) fail_malformed("an identifier of the wrong length");
    return id.value_or(Id{});
  }
  /// What the next item is; refused after an error.
  [[nodiscard]] CborItem::Kind peek();

 private:
  explicit CborReader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] CborItem next();
  [[nodiscard]] CborItem next(CborItem::Kind kind);
  [[nodiscard]] std::int64_t integer_of(const CborItem& item);

  ByteView rest_;
  std::optional<Error> error_;
};

}  // namespace doorstep
