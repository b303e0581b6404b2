#include "server/console/gate.hpp"

#include <arpa/inet.h>
#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/core/limits.hpp"
#include "server/console/error_answer.hpp"

namespace doorstep::console {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Empty when it is no host with a port or without one.
std::string_view without_port(std::string_view host) {
  const bool bracketed = host.starts_with('[');
  const auto end = bracketed ? host.find(']') : std::min(host.find(':'), host.size());
  if (end == std::string_view::npos) return {};
  const std::string_view port = host.substr(bracketed ? end + 1 : end);
  const bool is_port =
      port.empty() ||
      (port.front() == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos);
  if (!is_port) return {};
  return bracketed ? host.substr(1, end - 1) : host.substr(0, end);
}

bool is_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::string cookie_value(std::string_view cookies) {
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    std::string_view one = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(cookie_name) && one.substr(cookie_name.size()).starts_with('=')) {
      return std::string(one.substr(cookie_name.size() + 1));
    }
  }
  return {};
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Language language_of(std::string_view accept_language) {
  const std::string wanted = lower(accept_language);
  const auto english = wanted.find("en");
  const auto chinese = wanted.find("zh");
  return english < chinese ? Language::english : Language::chinese;
}

std::string session_cookie(std::string_view session, bool secure) {
  std::string cookie = std::string(cookie_name) + "=" + std::string(session) +
                       "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
                       std::to_string(session.empty() ? 0 : limits::console_session_ms / 1000);
  if (secure) cookie += "; Secure";
  return cookie;
}

bool Gate::knows_host(std::string_view host) const {
  const std::string name = lower(without_port(host));
  if (name == "localhost" || is_address(name)) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& known) { return lower(known) == name; });
}

// A page of another site cannot send this content type, nor the token, without being asked first;
// and browsers say where a request comes from.
Status Gate::check_origin(const HttpCall& call) const {
  if (call.origin) {
    const auto behind = call.origin->find("://");
    const bool own = behind != std::string::npos &&
                     lower(std::string_view(*call.origin).substr(behind + 3)) == lower(call.host);
    if (!own) return error(ErrorCode::foreign_request, "Origin: " + *call.origin);
  }
  const std::string type =
      lower(std::string_view(call.content_type)
                .substr(0, std::min(call.content_type.find(';'), call.content_type.size())));
  if (type != "application/json") {
    return error(ErrorCode::foreign_request, "Content-Type: application/json");
  }
  return {};
}

Status Gate::check_person(const HttpCall& call, const ConsoleRoute& route,
                          ConsoleRequest& request) const {
  const auto use = route.pace == Pace::stream ? Accounts::Use::look : Accounts::Use::renew;
  DS_ASSIGN(request.person, accounts_.find(request.session, time_.now(), use));
  if (route.rights == Rights::open) return {};
  if (!request.person) return error(ErrorCode::not_signed_in);
  if (call.method != "GET" && !same_secret(call.csrf, request.person->csrf)) {
    return error(ErrorCode::foreign_request, "X-Doorstep-Csrf");
  }
  if (route.rights == Rights::secretary && request.person->role != Role::secretary) {
    return error(ErrorCode::not_your_role);
  }
  return {};
}

Result<Admitted> Gate::check(const HttpCall& call, Language language, std::string& field) const {
  if (!knows_host(call.host)) return error(ErrorCode::foreign_request, "Host: " + call.host);
  const auto question = std::min(call.target.find('?'), call.target.size());
  const std::string_view path = std::string_view(call.target).substr(0, question);
  RouteMatch match = match_route(call.method, path);
  if (match.route == nullptr) {
    return error(match.other_method ? ErrorCode::method_refused : ErrorCode::not_found,
                 call.method + " " + std::string(path));
  }
  ConsoleRequest request;
  request.method = call.method;
  request.path = path;
  request.language = language;
  request.session = cookie_value(call.cookie);
  request.host = call.host;
  request.peer = call.peer;
  request.secure = tls_ || lower(call.forwarded_proto) == "https";
  const bool changes = call.method != "GET";
  if (changes) DS_TRY(check_origin(call));
  DS_TRY(check_person(call, *match.route, request));

  for (const std::string& part : match.parts) {
    DS_ASSIGN(auto decoded, decode_path(part));
    request.parts.push_back(std::move(decoded));
  }
  const auto behind = std::min(question + 1, call.target.size());
  DS_ASSIGN(request.query, decode_query(std::string_view(call.target).substr(behind)));
  if (!changes) return Admitted{match.route, std::move(request)};
  if (!request.query.as_object()->empty()) {
    field = request.query.as_object()->front().first;
    return error(ErrorCode::bad_value, field + ": is not known here");
  }
  if (!call.body.empty()) {
    DS_ASSIGN(request.body, JsonValue::parse(call.body));
    if (request.body.as_object() == nullptr) return error(ErrorCode::bad_value, "{...} is wanted");
  }
  return Admitted{match.route, std::move(request)};
}

std::variant<Admitted, ConsoleAnswer> Gate::admit(const HttpCall& call) const {
  const Language language = language_of(call.accept_language);
  std::string field;
  auto checked = check(call, language, field);
  if (!checked) return error_answer(checked.error(), language, field);
  return std::move(checked).value();
}

}  // namespace doorstep::console
