// One column's value: NULL, 64-bit integer, double, text or blob. What the schema's richer types
// become in storage: boolean is integer 0/1, timestamp is integer milliseconds since the Unix epoch
// UTC, date is text YYYY-MM-DD, json and attachment are text, uuid is a 16-byte blob, and a column
// with policy `set` is text holding a JSON array of distinct strings in ascending byte order (NULL
// when empty). Value semantics; not thread-safe for writing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "engine/core/bytes.hpp"

namespace doorstep {

class Value {
 public:
  enum class Kind : std::uint8_t { null, integer, real, text, blob };

  Value() = default;
  static Value null() { return {}; }
  static Value integer(std::int64_t v) { return Value(Data(v)); }
  /// NaN becomes NULL, as in SQLite; -0.0 becomes 0.0, so that equal numbers have equal bytes.
  static Value real(double v);
  static Value text(std::string_view v) { return Value(Data(std::in_place_type<std::string>, v)); }
  static Value text(std::string&& v) { return Value(Data(std::move(v))); }
  static Value text(const char* v) { return text(std::string_view(v)); }
  static Value blob(ByteView v) { return Value(Data(Bytes(v.begin(), v.end()))); }

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }

  /// Each needs its kind; asserted.
  [[nodiscard]] std::int64_t as_integer() const;
  [[nodiscard]] double as_real() const;
  [[nodiscard]] std::string_view as_text() const;
  [[nodiscard]] ByteView as_blob() const;

  /// Bytes of payload: 0 for NULL, 8 for numbers, the length of text and blobs.
  [[nodiscard]] std::size_t payload_size() const;

  /// Same kind and same contents (1 and 1.0 differ: normalise by declared type first).
  friend bool operator==(const Value&, const Value&) = default;

  /// A total order for policies max and min: NULL, then numbers by value, then text, then blobs
  /// bytewise.
  [[nodiscard]] static int compare(const Value& a, const Value& b);

  /// For people and logs: NULL, 12, 3.5, "text", x'0a'. Text is cut after 120 bytes.
  [[nodiscard]] std::string display() const;

 private:
  using Data = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
  explicit Value(Data data) : data_(std::move(data)) {}
  Data data_;
};

}  // namespace doorstep
