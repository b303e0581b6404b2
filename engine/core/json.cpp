#include "engine/core/json.hpp"

#include "engine/core/bytes.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/utf8.hpp"

namespace doorstep {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The four hexadecimal digits at `at`.
std::optional<unsigned> read_hex4(std::string_view text, std::size_t& at) {
  if (text.size() - at < 4) return std::nullopt;
  const auto bytes = from_hex(text.substr(at, 4));
  if (!bytes) return std::nullopt;
  at += 4;
  return static_cast<unsigned>((*bytes)[0]) << 8U | (*bytes)[1];
}

/// What follows "\u"; a high surrogate needs its low one behind it.
bool read_unicode_escape(std::string_view text, std::size_t& at, std::string& out) {
  const auto first = read_hex4(text, at);
  if (!first || *first == 0 || (*first >= 0xDC00U && *first <= 0xDFFFU)) return false;
  if (*first < 0xD800U || *first > 0xDFFFU) {
    append_utf8(out, *first);
    return true;
  }
  if (text.substr(at, 2) != "\\u") return false;
  at += 2;
  const auto second = read_hex4(text, at);
  if (!second || *second < 0xDC00U || *second > 0xDFFFU) return false;
  append_utf8(out, 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U));
  return true;
}

bool read_escape(std::string_view text, std::size_t& at, std::string& out) {
  if (at >= text.size()) return false;
  const char c = text[at++];
  switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      return read_unicode_escape(text, at, out);
    default:
      return false;
  }
}

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool run() {
    space();
    if (!value(0)) return false;
    space();
    return at_ == text_.size();
  }

 private:
  void space() { skip_json_space(text_, at_); }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool string() { return read_json_string(text_, at_).has_value(); }
  bool digits() {
    const std::size_t before = at_;
    while (is_digit(peek())) ++at_;
    return at_ > before;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  // NOLINTNEXTLINE(misc-no-recursion): bounded by limits::json_depth_max
  bool members(char close, bool named, std::size_t depth) {
    space();
    if (take(close)) return true;
    do {
      space();
      if (named) {
        if (!string()) return false;
        space();
        if (!take(':')) return false;
        space();
      }
      if (!value(depth + 1)) return false;
      space();
    } while (take(','));
    return take(close);
  }
  // NOLINTNEXTLINE(misc-no-recursion): bounded by limits::json_depth_max
  bool value(std::size_t depth) {
    if (depth >= limits::json_depth_max) return false;
    switch (peek()) {
      case '{':
        ++at_;
        return members('}', true, depth);
      case '[':
        ++at_;
        return members(']', false, depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void skip_json_space(std::string_view text, std::size_t& at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
    ++at;
}

std::optional<std::string> read_json_string(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '"') return std::nullopt;
  ++at;
  std::string out;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '"') return is_valid_text(out) ? std::optional(std::move(out)) : std::nullopt;
    if (static_cast<unsigned char>(c) < 0x20U) return std::nullopt;
    if (c != '\\') {
      out += c;
    } else if (!read_escape(text, at, out)) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20U) {
          const auto byte = static_cast<std::uint8_t>(c);
          out += "\\u00" + to_hex({&byte, 1});
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_json(std::string_view text) { return Checker(text).run(); }

}  // namespace doorstep
