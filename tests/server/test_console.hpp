// A console over a hub of its own, and a browser reduced to its requests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/console/accounts.hpp"
#include "server/net/console_server.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/support/json.hpp"

namespace doorstep::test {

struct HttpSaid {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] Json json() const { return Json(body); }
  /// The "error" of the body.
  [[nodiscard]] Json error() const { return Json(json().text("error")); }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class Browser {
 public:
  explicit Browser(std::string url) : url_(std::move(url)) {}

  [[nodiscard]] HttpSaid get(const std::string& path) const;
  /// With the token, the content type and the origin of the console's own page.
  [[nodiscard]] HttpSaid send(const std::string& method, const std::string& path,
                              const std::string& body) const;
  /// Exactly these headers, beside Host (unless it is among them) and Connection: close.
  [[nodiscard]] HttpSaid ask(const std::string& method, const std::string& path,
                             const Headers& headers, const std::string& body = {}) const;
  /// Keeps the cookie and the token.
  HttpSaid sign_in(const std::string& code);
  /// The request of /events, to be sent through a RawSocket.
  [[nodiscard]] std::string events_request() const;

  [[nodiscard]] std::string authority() const { return url_.substr(url_.find("//") + 2); }
  std::string cookie;
  std::string csrf;
  std::string language = "zh-CN,zh;q=0.9,en;q=0.5";

 private:
  std::string url_;
};

class TestConsole {
 public:
  /// The hub serves phones, too. `names` as --console-host gives them.
  explicit TestConsole(std::vector<std::string> names = {});

  [[nodiscard]] TestHub& hub() { return hub_; }
  [[nodiscard]] const std::string& url() const { return server_->url(); }
  [[nodiscard]] console::Accounts& accounts() { return *accounts_; }
  [[nodiscard]] Browser browser() const { return Browser(url()); }
  /// Somebody who is signed in.
  [[nodiscard]] Browser signed_in(console::Role role, const std::string& name = "张文书");
  [[nodiscard]] std::string code(console::Role role, const std::string& name = "张文书");
  /// Of the hub: what any change would move.
  [[nodiscard]] std::uint64_t position();
  /// Province, county, township and two villages, as rows of the hub.
  void add_units();
  void stop() { server_.reset(); }

 private:
  TestHub hub_;
  std::unique_ptr<console::Accounts> accounts_;
  std::unique_ptr<ConsoleServer> server_;
};

}  // namespace doorstep::test
