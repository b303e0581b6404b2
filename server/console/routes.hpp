// Every route of the console, in one list, so that a test can walk it: who may call it, on which
// thread it runs, and what answers. Under "/api/v1".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/console/console_request.hpp"

namespace doorstep::console {

enum class Rights : std::uint8_t {
  open,       ///< nobody need be signed in
  any,        ///< anybody who is
  secretary,  ///< only a secretary
};

enum class Pace : std::uint8_t {
  quick,
  slow,    ///< on a thread of its own, so that the others do not wait for it
  stream,  ///< server-sent events; the HTTP server feeds them
};

struct ConsoleRoute {
  std::string_view method;
  std::string_view pattern;  ///< "/devices/{id}/revoke": {...} stands for one part of a path
  Rights rights;
  Pace pace;
  ConsoleHandler handler;  ///< of a stream: its first event as JSON
};

[[nodiscard]] std::span<const ConsoleRoute> console_routes();

struct RouteMatch {
  const ConsoleRoute* route = nullptr;  ///< null: none
  std::vector<std::string> parts;
  bool other_method = false;  ///< none, but there is one at this path for another method
};
/// `path` is decoded and begins with "/api/v1".
[[nodiscard]] RouteMatch match_route(std::string_view method, std::string_view path);

/// What a query string or a path says where it has %XX; error bad_value when it is no UTF-8.
[[nodiscard]] Result<std::string> decode_path(std::string_view text);
/// As an object of texts. Error bad_value: a name given twice, or no UTF-8.
[[nodiscard]] Result<JsonValue> decode_query(std::string_view text);

/// The handler's answer, or its error as one.
[[nodiscard]] ConsoleAnswer run_route(const ConsoleRoute& route, ConsoleCall& call);

}  // namespace doorstep::console
