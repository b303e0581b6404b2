#include "tests/server/test_console.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

#include "server/sample_load.hpp"
#include "tests/server/raw_client.hpp"

namespace doorstep::test {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

HttpSaid read(const std::string& raw) {
  HttpSaid said;
  const auto end = raw.find("\r\n\r\n");
  if (end == std::string::npos) return said;
  said.body = raw.substr(end + 4);
  std::string head = raw.substr(0, end + 2);
  if (head.size() > 12) said.status = static_cast<unsigned>(std::stoul(head.substr(9, 3)));
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto line_end = head.find("\r\n", at);
    const std::string line = head.substr(at, line_end - at);
    const auto colon = line.find(": ");
    if (colon != std::string::npos) {
      said.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
    at = line_end + 2;
  }
  return said;
}

sample::SampleRow unit(const std::string& code, const std::string& name, const std::string& level,
                       const std::string& parent) {
  sample::SampleRow row{"org_unit", "code", Value::text(code), {}};
  row.columns = {{"name", Value::text(name)}, {"level", Value::text(level)}};
  if (!parent.empty()) row.columns.emplace_back("parent_code", Value::text(parent));
  return row;
}

}  // namespace

HttpSaid Browser::ask(const std::string& method, const std::string& path, const Headers& headers,
                      const std::string& body) const {
  std::string request = method + " " + path + " HTTP/1.1\r\nConnection: close\r\n";
  const bool has_host = std::any_of(headers.begin(), headers.end(),
                                    [](const auto& one) { return one.first == "Host"; });
  if (!has_host) request += "Host: " + authority() + "\r\n";
  for (const auto& [name, value] : headers) request.append(name + ": " + value + "\r\n");
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  RawSocket socket(url_);
  socket.send(request + "\r\n" + body);
  return read(socket.read_to_end());
}

HttpSaid Browser::get(const std::string& path) const {
  return ask("GET", path, {{"Cookie", cookie}, {"Accept-Language", language}});
}

HttpSaid Browser::send(const std::string& method, const std::string& path,
                       const std::string& body) const {
  return ask(method, path,
             {{"Cookie", cookie},
              {"Accept-Language", language},
              {"Origin", "http://" + authority()},
              {"Content-Type", "application/json"},
              {"X-Doorstep-Csrf", csrf}},
             body);
}

HttpSaid Browser::sign_in(const std::string& code) {
  HttpSaid said = send("POST", "/api/v1/session", R"({"code":")" + code + "\"}");
  if (said.status == 200) {
    const std::string& set = said.headers["set-cookie"];
    cookie = set.substr(0, set.find(';'));
    csrf = said.json().text("csrf");
  }
  return said;
}

std::string Browser::events_request() const {
  return "GET /api/v1/events HTTP/1.1\r\nHost: " + authority() + "\r\nCookie: " + cookie +
         "\r\n\r\n";
}

TestConsole::TestConsole(std::vector<std::string> names) {
  hub_.start();
  auto opened = console::Accounts::open(hub_.folder().dir(), hub_.random());
  REQUIRE(opened.ok());
  accounts_ = std::move(opened).value();
  const console::ConsoleShared shared{*accounts_,    hub_.log(),        hub_.time(),
                                      hub_.random(), &hub_.connected(), hub_.url()};
  ConsoleOptions options;
  options.host_names = std::move(names);
  options.event_ms = 20;
  auto started = ConsoleServer::start(hub_.folder().dir(), shared, options);
  REQUIRE(started.ok());
  server_ = std::move(started).value();
}

std::string TestConsole::code(console::Role role, const std::string& name) {
  auto made = accounts_->make_code(name, role, hub_.time().now());
  REQUIRE(made.ok());
  return made->text;
}

Browser TestConsole::signed_in(console::Role role, const std::string& name) {
  Browser browser(url());
  REQUIRE(browser.sign_in(code(role, name)).status == 200);
  return browser;
}

std::uint64_t TestConsole::position() {
  auto snapshot = hub_.store().snapshot();
  REQUIRE(snapshot.ok());
  return (*snapshot)->head().number();
}

void TestConsole::add_units() {
  const std::vector<sample::SampleRow> rows{
      unit("43", "湖南省", "province", ""),
      unit("431224", "溆浦县", "county", "43"),
      unit("431224103", "桥江镇", "township", "431224"),
      unit(dushi, "独石村", "village", "431224103"),
      unit("431224103213", "新田村", "village", "431224103"),
  };
  const auto tally = load_rows(hub_.store(), hub_.log(), hub_.time(), hub_.random(), rows);
  REQUIRE(tally.ok());
  REQUIRE(tally->not_accepted == 0);
}

}  // namespace doorstep::test
