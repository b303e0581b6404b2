// One JSON object on one line, for --json output, logs and /healthz. Keys are written in the order
// in which they are added; text that is not UTF-8 is written with the replacement character.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/time.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

class JsonLine {
 public:
  JsonLine& text(std::string_view key, std::string_view value);
  JsonLine& number(std::string_view key, std::int64_t value);
  JsonLine& number(std::string_view key, std::uint64_t value);
  JsonLine& boolean(std::string_view key, bool value);
  JsonLine& null(std::string_view key);
  /// RFC 3339, or NULL.
  JsonLine& time(std::string_view key, const std::optional<Instant>& value);
  /// NULL, number or string; a blob becomes lowercase hexadecimal.
  JsonLine& value(std::string_view key, const Value& value);
  /// `json` is a whole JSON value already.
  JsonLine& raw(std::string_view key, std::string_view json);
  /// "{...}" without a line break.
  [[nodiscard]] std::string done() const { return out_ + "}"; }

 private:
  void key(std::string_view name);
  std::string out_ = "{";
};

/// `value` in quotes.
[[nodiscard]] std::string json_string(std::string_view value);

}  // namespace doorstep
