#include "server/console/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <limits>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"

namespace doorstep::console {
namespace {

namespace json = boost::json;

std::string text_of(const json::string& text) { return {text.data(), text.size()}; }

std::string text_of(json::string_view text) { return {text.data(), text.size()}; }

JsonValue plain(const json::value& value);

JsonValue plain_array(const json::array& items) {
  JsonValue::Array out;
  out.reserve(items.size());
  for (const json::value& item : items) out.push_back(plain(item));
  return JsonValue(JsonValue::Data(std::move(out)));
}

JsonValue plain_object(const json::object& members) {
  JsonValue::Object out;
  out.reserve(members.size());
  for (const auto& member : members) out.emplace_back(text_of(member.key()), plain(member.value()));
  return JsonValue(JsonValue::Data(std::move(out)));
}

JsonValue plain(const json::value& value) {
  using Data = JsonValue::Data;
  if (const auto* object = value.if_object()) return plain_object(*object);
  if (const auto* array = value.if_array()) return plain_array(*array);
  if (const auto* text = value.if_string()) return JsonValue(Data(text_of(*text)));
  if (const auto* yes = value.if_bool()) return JsonValue(Data(*yes));
  if (const auto* whole = value.if_int64()) return JsonValue(Data(std::int64_t{*whole}));
  if (const auto* large = value.if_uint64()) return JsonValue(Data(static_cast<double>(*large)));
  if (const auto* real = value.if_double()) return JsonValue(Data(*real));
  return {};
}

}  // namespace

Result<JsonValue> JsonValue::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = limits::console_json_depth_max;
  boost::system::error_code failed;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), failed,
                                         json::storage_ptr(), options);
  if (failed == json::error::too_deep) return error(ErrorCode::too_deep, "JSON");
  if (failed) return error(ErrorCode::bad_value, "JSON: " + failed.message());
  return plain(parsed);
}

const JsonValue* JsonValue::find(std::string_view name) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(),
                                  [&](const auto& member) { return member.first == name; });
  return found == members->end() ? nullptr : &found->second;
}

JsonList& JsonList::raw(std::string_view json) {
  if (out_.size() > 1) out_ += ',';
  out_ += json;
  return *this;
}

JsonList& JsonList::text(std::string_view value) { return raw(json_string(value)); }

}  // namespace doorstep::console
