#include "tests/support/json.hpp"

#include <boost/json.hpp>

namespace doorstep::test {
namespace {

namespace json = boost::json;

/// The value at `key`, or null when there is none or the text is no object.
json::value find(const std::string& text, std::string_view key) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object()) return nullptr;
  const auto* found = parsed.as_object().if_contains(json::string_view(key.data(), key.size()));
  return found != nullptr ? *found : json::value(nullptr);
}

}  // namespace

std::string Json::text(std::string_view key) const {
  const json::value value = find(text_, key);
  if (value.is_string()) return {value.as_string().data(), value.as_string().size()};
  return value.is_null() ? "" : json::serialize(value);
}

std::int64_t Json::number(std::string_view key) const {
  const json::value value = find(text_, key);
  if (value.is_uint64()) return static_cast<std::int64_t>(value.as_uint64());
  return value.is_int64() ? value.as_int64() : -1;
}

bool Json::boolean(std::string_view key) const {
  const json::value value = find(text_, key);
  return value.is_bool() && value.as_bool();
}

bool Json::has(std::string_view key) const { return !find(text_, key).is_null(); }

std::vector<Json> Json::items(std::string_view key) const {
  std::vector<Json> out;
  const json::value value = find(text_, key);
  if (value.is_array()) {
    for (const json::value& item : value.as_array())
      out.emplace_back(std::string(json::serialize(item)));
  }
  return out;
}

std::vector<Json> json_lines(std::string_view text) {
  std::vector<Json> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (text.starts_with('{')) out.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace doorstep::test
