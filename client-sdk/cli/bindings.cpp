#include "client-sdk/cli/bindings.hpp"

#include <charconv>

namespace doorstep::cli {
namespace {

/// The JSON scalars: null, true, false, a number, "text" without escapes other than \" and \\.
Result<Value> parse_json_scalar(std::string_view text) {
  if (text == "null") return Value::null();
  if (text == "true") return Value::integer(1);
  if (text == "false") return Value::integer(0);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\\' && i + 2 < text.size()) ++i;
      out += text[i];
    }
    return Value::text(std::move(out));
  }
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (auto [stop, code] = std::from_chars(text.data(), end, integer);
      code == std::errc{} && stop == end) {
    return Value::integer(integer);
  }
  double real = 0;
  if (auto [stop, code] = std::from_chars(text.data(), end, real);
      code == std::errc{} && stop == end) {
    return Value::real(real);
  }
  return error(ErrorCode::usage, "'" + std::string(text) + "' is not a JSON value");
}

}  // namespace

Result<Binding> parse_binding(std::string_view text, std::string_view option) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return error(ErrorCode::usage, std::string(option) + " takes name=text or name:=JSON, not '" +
                                       std::string(text) + "'");
  }
  if (text[equals - 1] == ':') {
    DS_ASSIGN(Value value, parse_json_scalar(text.substr(equals + 1)));
    return Binding{std::string(text.substr(0, equals - 1)), std::move(value)};
  }
  return Binding{std::string(text.substr(0, equals)), Value::text(text.substr(equals + 1))};
}

std::string key_text(const Value& key) {
  if (key.kind() == Value::Kind::blob) return to_hex(key.as_blob());
  return key.kind() == Value::Kind::text ? std::string(key.as_text()) : std::string();
}

}  // namespace doorstep::cli
