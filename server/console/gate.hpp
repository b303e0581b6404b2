// Who is let in: every request passes here before a handler sees it. Host against DNS rebinding,
// origin, content type and token against other sites' pages, session and role; and then what the
// caller sent is read.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/console/console_request.hpp"
#include "server/console/routes.hpp"
#include "server/net/http_socket.hpp"

namespace doorstep::console {

inline constexpr std::string_view cookie_name = "doorstep_console";

struct Admitted {
  const ConsoleRoute* route;
  ConsoleRequest request;
};

class Gate {
 public:
  /// `names`: hosts beside IP addresses and localhost by which the console may be called. `tls`: it
  /// is reached over TLS. What it refers to must live longer.
  Gate(Accounts& accounts, const HubTime& time, std::vector<std::string> names, bool tls)
      : accounts_(accounts), time_(time), names_(std::move(names)), tls_(tls) {}

  /// An address, localhost or one of the names; with or without a port.
  [[nodiscard]] bool knows_host(std::string_view host) const;

  /// For a target under /api/. A refusal has changed nothing. Also looks at what was sent: query,
  /// and a body that is JSON and an object.
  [[nodiscard]] std::variant<Admitted, ConsoleAnswer> admit(const HttpCall& call) const;

 private:
  [[nodiscard]] Result<Admitted> check(const HttpCall& call, Language language,
                                       std::string& field) const;
  [[nodiscard]] Status check_origin(const HttpCall& call) const;
  [[nodiscard]] Status check_person(const HttpCall& call, const ConsoleRoute& route,
                                    ConsoleRequest& request) const;

  Accounts& accounts_;
  const HubTime& time_;
  std::vector<std::string> names_;
  bool tls_;
};

/// English when the header prefers it to Chinese, else Chinese.
[[nodiscard]] Language language_of(std::string_view accept_language);

/// The Set-Cookie of a session; of an empty one, the end of it.
[[nodiscard]] std::string session_cookie(std::string_view session, bool secure);

}  // namespace doorstep::console
