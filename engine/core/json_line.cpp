#include "engine/core/json_line.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "engine/core/bytes.hpp"

namespace doorstep {
namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20U) {
    out += c;
    return;
  }
  out += "\\u00";
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

}  // namespace

std::string json_string(std::string_view value) {
  std::string out = "\"";
  if (is_valid_text(value)) {
    for (const char c : value) append_escaped(out, c);
  } else {
    // Only ASCII is sure to be meant as it stands.
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < 0x80U) {
        append_escaped(out, c);
      } else {
        out += "\xEF\xBF\xBD";
      }
    }
  }
  return out += '"';
}

void JsonLine::key(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  out_ += json_string(name);
  out_ += ':';
}

JsonLine& JsonLine::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
  return raw(name, json_string(value));
}
JsonLine& JsonLine::number(std::string_view name, std::int64_t value) {
  return raw(name, std::to_string(value));
}
JsonLine& JsonLine::number(std::string_view name, std::uint64_t value) {
  return raw(name, std::to_string(value));
}
JsonLine& JsonLine::boolean(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}
JsonLine& JsonLine::null(std::string_view name) { return raw(name, "null"); }

JsonLine& JsonLine::time(std::string_view name, const std::optional<Instant>& value) {
  return value ? text(name, to_rfc3339(*value)) : null(name);
}

JsonLine& JsonLine::value(std::string_view name, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return null(name);
    case Value::Kind::integer:
      return number(name, value.as_integer());
    case Value::Kind::real:
      return raw(name, number_text(value.as_real()));
    case Value::Kind::text:
      return text(name, value.as_text());
    case Value::Kind::blob:
      return text(name, to_hex(value.as_blob()));
  }
  return null(name);
}

}  // namespace doorstep
