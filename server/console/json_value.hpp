// JSON as plain values (RFC 8259), so that no header needs the library that reads it; and lists of
// JSON texts for answers, beside JsonLine for objects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/result.hpp"

namespace doorstep::console {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Object = std::vector<std::pair<std::string, JsonValue>>;
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;

  JsonValue() = default;
  explicit JsonValue(Data data) : data_(std::move(data)) {}
  [[nodiscard]] static JsonValue object() { return JsonValue(Data(Object())); }

  /// Of one JSON text. Errors: bad_value (no JSON), too_deep.
  [[nodiscard]] static Result<JsonValue> parse(std::string_view text);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  /// Null when it is another kind.
  [[nodiscard]] const bool* as_boolean() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&data_); }
  [[nodiscard]] const double* as_real() const { return std::get_if<double>(&data_); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&data_); }
  [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&data_); }
  [[nodiscard]] Object* as_object() { return std::get_if<Object>(&data_); }
  /// The member of an object; null when there is none.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;

 private:
  Data data_;
};

/// "[...]" of JSON texts, in the order in which they are added.
class JsonList {
 public:
  JsonList& raw(std::string_view json);
  JsonList& text(std::string_view value);
  [[nodiscard]] std::string done() const { return out_ + "]"; }

 private:
  std::string out_ = "[";
};

}  // namespace doorstep::console
