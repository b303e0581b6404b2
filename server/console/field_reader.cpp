#include "server/console/field_reader.hpp"

#include <algorithm>
#include <charconv>

#include "engine/core/limits.hpp"

namespace doorstep::console {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::optional<std::int64_t> whole_number(const JsonValue& value) {
  if (const auto* number = value.as_integer()) return *number;
  const std::string* digits = value.as_text();
  if (digits == nullptr || digits->empty()) return std::nullopt;
  std::int64_t number = 0;
  const char* last = digits->data() + digits->size();
  const auto [end, failed] = std::from_chars(digits->data(), last, number);
  if (failed != std::errc{} || end != last) return std::nullopt;
  return number;
}

}  // namespace

const JsonValue* FieldReader::take(std::string_view name) {
  read_.emplace_back(name);
  return source_.find(name);
}

void FieldReader::fault(std::string_view name, std::string what) {
  if (fault_) return;
  fault_ = error(ErrorCode::bad_value, std::string(name) + ": " + what);
  field_ = name;
}

bool FieldReader::fits(std::string_view name, const std::string& text, std::size_t bytes_max) {
  if (text.find_first_not_of(blanks) == std::string::npos) {
    fault(name, "must not be empty");
  } else if (text.size() > bytes_max) {
    fault(name, "at most " + std::to_string(bytes_max) + " bytes");
  } else if (text.find('\0') != std::string::npos) {
    fault(name, "holds U+0000");
  } else {
    return true;
  }
  return false;
}

std::string FieldReader::text(std::string_view name, std::size_t bytes_max) {
  const JsonValue* found = take(name);
  if (found == nullptr) {
    fault(name, "is missing");
    return {};
  }
  const std::string* text = found->as_text();
  if (text == nullptr) {
    fault(name, "must be a text");
    return {};
  }
  return fits(name, *text, bytes_max) ? *text : std::string();
}

std::optional<std::string> FieldReader::optional_text(std::string_view name,
                                                      std::size_t bytes_max) {
  const JsonValue* found = take(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  const std::string* text = found->as_text();
  if (text == nullptr) {
    fault(name, "must be a text");
    return std::nullopt;
  }
  if (text->empty() || !fits(name, *text, bytes_max)) return std::nullopt;
  return *text;
}

std::string FieldReader::choice(std::string_view name,
                                std::initializer_list<std::string_view> words,
                                std::string_view fallback) {
  const JsonValue* found = take(name);
  if (found == nullptr && !fallback.empty()) return std::string(fallback);
  const std::string* text = found == nullptr ? nullptr : found->as_text();
  if (text != nullptr && std::find(words.begin(), words.end(), *text) != words.end()) return *text;
  std::string all;
  for (const std::string_view word : words) all += (all.empty() ? "" : ", ") + std::string(word);
  fault(name, "must be one of " + all);
  return std::string(fallback);
}

bool FieldReader::boolean(std::string_view name, bool fallback) {
  const JsonValue* found = take(name);
  if (found == nullptr) return fallback;
  if (const bool* yes = found->as_boolean()) return *yes;
  fault(name, "must be true or false");
  return fallback;
}

std::int64_t FieldReader::number(std::string_view name, std::int64_t least, std::int64_t most,
                                 std::int64_t fallback) {
  const JsonValue* found = take(name);
  if (found == nullptr) return fallback;
  const auto number = whole_number(*found);
  if (number && *number >= least && *number <= most) return *number;
  fault(name,
        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

std::vector<std::string> FieldReader::texts(std::string_view name, std::size_t count_max,
                                            std::size_t bytes_max) {
  const JsonValue* found = take(name);
  const JsonValue::Array* items = found == nullptr ? nullptr : found->as_array();
  if (items == nullptr || items->empty() || items->size() > count_max) {
    fault(name, "must be a list of 1 to " + std::to_string(count_max) + " texts");
    return {};
  }
  std::vector<std::string> out;
  for (const JsonValue& item : *items) {
    const std::string* text = item.as_text();
    if (text == nullptr) {
      fault(name, "must be a list of texts");
      return {};
    }
    if (!fits(name, *text, bytes_max)) return {};
    if (std::find(out.begin(), out.end(), *text) != out.end()) {
      fault(name, *text + " stands there twice");
      return {};
    }
    out.push_back(*text);
  }
  return out;
}

std::optional<Value> FieldReader::value(std::string_view name, std::size_t bytes_max) {
  const JsonValue* found = take(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_null()) return Value::null();
  if (const bool* yes = found->as_boolean()) return Value::integer(*yes ? 1 : 0);
  if (const auto* whole = found->as_integer()) return Value::integer(*whole);
  if (const auto* real = found->as_real()) return Value::real(*real);
  const std::string* text = found->as_text();
  if (text != nullptr && text->size() <= bytes_max && text->find('\0') == std::string::npos) {
    return Value::text(std::string_view(*text));
  }
  fault(name,
        "must be null, a number or a text of at most " + std::to_string(bytes_max) + " bytes");
  return std::nullopt;
}

std::vector<FieldReader> FieldReader::objects(std::string_view name, std::size_t count_max) {
  const JsonValue* found = take(name);
  const JsonValue::Array* items = found == nullptr ? nullptr : found->as_array();
  if (items == nullptr || items->empty() || items->size() > count_max) {
    fault(name, "must be a list of 1 to " + std::to_string(count_max) + " objects");
    return {};
  }
  std::vector<FieldReader> out;
  for (const JsonValue& item : *items) {
    if (item.as_object() == nullptr) {
      fault(name, "must be a list of objects");
      return {};
    }
    out.emplace_back(item, field_);
  }
  return out;
}

std::size_t FieldReader::limit() {
  return static_cast<std::size_t>(
      number("limit", 1, limits::console_page_max, limits::console_page_usual));
}

Status FieldReader::done() {
  const JsonValue::Object* members = source_.as_object();
  for (const auto& member : members == nullptr ? JsonValue::Object() : *members) {
    if (std::find(read_.begin(), read_.end(), member.first) == read_.end()) {
      fault(member.first, "is not known here");
    }
  }
  if (fault_) return *fault_;
  return {};
}

}  // namespace doorstep::console
