#include "server/console/routes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "engine/core/bytes.hpp"
#include "server/console/answers.hpp"
#include "server/console/content.hpp"
#include "server/console/error_answer.hpp"

namespace doorstep::console {
namespace {

constexpr std::string_view prefix = "/api/v1";

constexpr std::array routes{
    ConsoleRoute{"POST", "/session", Rights::open, Pace::quick, answer_sign_in},
    ConsoleRoute{"GET", "/session", Rights::any, Pace::quick, answer_session},
    ConsoleRoute{"DELETE", "/session", Rights::any, Pace::quick, answer_sign_out},
    ConsoleRoute{"GET", "/scopes", Rights::any, Pace::quick, answer_scopes},
    ConsoleRoute{"GET", "/schema", Rights::any, Pace::quick, answer_schema},
    ConsoleRoute{"GET", "/overview", Rights::any, Pace::slow, answer_overview},
    ConsoleRoute{"GET", "/events", Rights::any, Pace::stream, answer_events},
    ConsoleRoute{"GET", "/devices", Rights::secretary, Pace::quick, answer_devices},
    ConsoleRoute{"POST", "/enrolments", Rights::secretary, Pace::quick, answer_enrolment},
    ConsoleRoute{"POST", "/devices/{id}/revoke", Rights::secretary, Pace::quick, answer_revoke},
    ConsoleRoute{"PUT", "/devices/{id}/scopes", Rights::secretary, Pace::quick, answer_grant},
    ConsoleRoute{"GET", "/conflicts", Rights::secretary, Pace::quick, answer_conflicts},
    ConsoleRoute{"POST", "/conflicts/decide", Rights::secretary, Pace::quick, answer_decide},
    ConsoleRoute{"GET", "/duplicates", Rights::secretary, Pace::quick, answer_duplicates},
    ConsoleRoute{"POST", "/duplicates/{id}", Rights::secretary, Pace::quick, answer_duplicate},
    ConsoleRoute{"GET", "/quarantine", Rights::secretary, Pace::quick, answer_quarantine},
    ConsoleRoute{"POST", "/quarantine", Rights::secretary, Pace::quick, answer_settle},
    ConsoleRoute{"GET", "/quarantine/{id}", Rights::secretary, Pace::quick, answer_quarantined},
    ConsoleRoute{"GET", "/records", Rights::secretary, Pace::slow, answer_records},
    ConsoleRoute{"GET", "/records/{table}/{row}", Rights::secretary, Pace::quick, answer_record},
    ConsoleRoute{"GET", "/records/{table}/{row}/timeline", Rights::secretary, Pace::quick,
                 answer_timeline},
    ConsoleRoute{"GET", "/records/{table}/{row}/history/{column}", Rights::secretary, Pace::quick,
                 answer_history},
    ConsoleRoute{"GET", "/reports/{kind}", Rights::any, Pace::slow, answer_report},
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    parts.push_back(path.substr(1, end - 1));
    path.remove_prefix(end);
  }
  return parts;
}

/// What stands for each {...}; nullopt when the path does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern,
                                            const std::vector<std::string_view>& path) {
  const auto wanted = split(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (path[i].empty()) return std::nullopt;
      parts.emplace_back(path[i]);
    } else if (wanted[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parts;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return error(ErrorCode::bad_value, "%XX in the address");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_valid_text(out)) return error(ErrorCode::bad_value, "the address is no UTF-8");
  return out;
}

}  // namespace

std::span<const ConsoleRoute> console_routes() { return routes; }

RouteMatch match_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  if (!path.starts_with(prefix)) return match;
  const auto parts = split(path.substr(prefix.size()));
  for (const ConsoleRoute& route : routes) {
    auto fitting = fit(route.pattern, parts);
    if (!fitting) continue;
    if (route.method != method) {
      match.other_method = true;
      continue;
    }
    return {&route, std::move(*fitting), false};
  }
  return match;
}

Result<std::string> decode_path(std::string_view text) { return decode(text, false); }

Result<JsonValue> decode_query(std::string_view text) {
  JsonValue query = JsonValue::object();
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    DS_ASSIGN(const auto name, decode(pair.substr(0, equals), true));
    DS_ASSIGN(auto value, decode(pair.substr(std::min(equals + 1, pair.size())), true));
    if (query.find(name) != nullptr)
      return error(ErrorCode::bad_value, name + " stands there twice");
    query.as_object()->emplace_back(name, JsonValue(JsonValue::Data(std::move(value))));
  }
  return query;
}

ConsoleAnswer run_route(const ConsoleRoute& route, ConsoleCall& call) {
  const Language language = call.request.language;
  try {
    // A store learns of another process's newer schema when it begins to read.
    if (const auto seen = call.store().snapshot(); !seen) {
      return error_answer(seen.error(), language);
    }
    auto answer = route.handler(call);
    if (!answer) return error_answer(answer.error(), language, call.field);
    return std::move(answer).value();
  } catch (const std::exception& e) {
    call.ports.log.write(LogLevel::error, "console_route_failed",
                         {{"route", std::string(route.pattern)}, {"what", e.what()}});
    return error_answer(error(ErrorCode::internal, std::string(route.pattern)), language);
  }
}

}  // namespace doorstep::console
