#include "engine/core/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/core/assert.hpp"

namespace doorstep {
namespace {

constexpr std::size_t display_bytes_max = 120;

template <class T>
int three_way(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

/// Exact, also where a double cannot hold the integer.
int compare_numbers(std::int64_t a, double b) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (b >= two_to_63) return -1;
  if (b < -two_to_63) return 1;
  const double whole = std::floor(b);
  if (const int order = three_way(a, static_cast<std::int64_t>(whole)); order != 0) return order;
  return b > whole ? -1 : 0;
}

/// NULL, numbers, text, blobs.
int rank_of(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null:
      return 0;
    case Value::Kind::integer:
    case Value::Kind::real:
      return 1;
    case Value::Kind::text:
      return 2;
    case Value::Kind::blob:
      return 3;
  }
  return 0;
}

int compare_equal_rank(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.kind() == Kind::text) return three_way(a.as_text().compare(b.as_text()), 0);
  if (a.kind() == Kind::blob)
    return three_way(text_of(a.as_blob()).compare(text_of(b.as_blob())), 0);
  if (a.kind() == Kind::integer) {
    return b.kind() == Kind::integer ? three_way(a.as_integer(), b.as_integer())
                                     : compare_numbers(a.as_integer(), b.as_real());
  }
  return b.kind() == Kind::real ? three_way(a.as_real(), b.as_real())
                                : -compare_numbers(b.as_integer(), a.as_real());
}

std::string display_real(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string out(buffer.data(), end.ptr);
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

/// Cut before a character, never inside one.
std::string_view cut(std::string_view text) {
  if (text.size() <= display_bytes_max) return text;
  std::size_t end = display_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string display_text(std::string_view text) {
  const std::string_view shown = cut(text);
  std::string out = "\"";
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20U || byte == 0x7FU) {
      out += "\\x" + to_hex(std::array{static_cast<std::uint8_t>(byte)});
    } else {
      out += c;
    }
  }
  out += '"';
  if (shown.size() < text.size()) out += "...";
  return out;
}

std::string display_blob(ByteView bytes) {
  const ByteView shown = bytes.first(std::min(bytes.size(), display_bytes_max / 2));
  std::string out = "x'" + to_hex(shown) + "'";
  if (shown.size() < bytes.size()) out += "...";
  return out;
}

}  // namespace

Value Value::real(double v) {
  if (std::isnan(v)) return {};
  return Value(Data(v == 0.0 ? 0.0 : v));
}

std::int64_t Value::as_integer() const {
  DS_ASSERT(kind() == Kind::integer);
  return *std::get_if<std::int64_t>(&data_);
}

double Value::as_real() const {
  DS_ASSERT(kind() == Kind::real);
  return *std::get_if<double>(&data_);
}

std::string_view Value::as_text() const {
  DS_ASSERT(kind() == Kind::text);
  return *std::get_if<std::string>(&data_);
}

ByteView Value::as_blob() const {
  DS_ASSERT(kind() == Kind::blob);
  return *std::get_if<Bytes>(&data_);
}

std::size_t Value::payload_size() const {
  switch (kind()) {
    case Kind::null:
      return 0;
    case Kind::integer:
    case Kind::real:
      return 8;
    case Kind::text:
      return as_text().size();
    case Kind::blob:
      return as_blob().size();
  }
  return 0;
}

int Value::compare(const Value& a, const Value& b) {
  if (a.is_null() && b.is_null()) return 0;
  const int order = three_way(rank_of(a.kind()), rank_of(b.kind()));
  return order != 0 ? order : compare_equal_rank(a, b);
}

std::string Value::display() const {
  switch (kind()) {
    case Kind::null:
      return "NULL";
    case Kind::integer:
      return std::to_string(as_integer());
    case Kind::real:
      return display_real(as_real());
    case Kind::text:
      return display_text(as_text());
    case Kind::blob:
      return display_blob(as_blob());
  }
  return {};
}

}  // namespace doorstep
