// Who gets into the console, and who does not.
#include <doctest/doctest.h>

#include "server/console/routes.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/test_console.hpp"

namespace doorstep::test {
namespace {

using console::Role;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string path_of(const console::ConsoleRoute& route) {
  std::string path = "/api/v1" + std::string(route.pattern);
  for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "00000000000000000000000000000000");
  }
  return path;
}

HttpSaid call(const Browser& browser, const console::ConsoleRoute& route,
              const std::string& body = "{}") {
  const std::string method(route.method);
  return method == "GET" ? browser.get(path_of(route)) : browser.send(method, path_of(route), body);
}

}  // namespace

TEST_CASE("console: the secretary signs in with her code once; whoever finds it later is refused") {
  TestConsole console;
  const std::string code = console.code(Role::secretary, "张文书");
  Browser browser = console.browser();
  HttpSaid said = browser.sign_in(code);
  REQUIRE(said.status == 200);
  const Json me = said.json();
  CHECK(me.text("name") == "张文书");
  CHECK(me.text("role") == "secretary");
  CHECK(me.number("api") == 1);
  CHECK(Json(me.text("hub")).text("name") == "桥江镇");
  CHECK(Json(me.text("hub")).text("id") == console.hub().store().identity().id.hex());
  CHECK(Json(me.text("schema")).text("name") == "village");
  const std::string& cookie = said.headers["set-cookie"];
  CHECK(cookie.starts_with("doorstep_console="));
  CHECK(has(cookie, "; HttpOnly"));
  CHECK(has(cookie, "; SameSite=Strict"));
  CHECK(has(cookie, "; Path=/"));
  CHECK_FALSE(has(cookie, "Secure"));  // this console speaks plain HTTP, on loopback
  CHECK(browser.get("/api/v1/session").json().text("csrf") == browser.csrf);

  Browser finder = console.browser();
  const HttpSaid again = finder.sign_in(code);
  CHECK(again.status == 401);
  CHECK(again.error().text("name") == "code_unknown");
  CHECK(again.error().text("field") == "code");
  CHECK(finder.get("/api/v1/session").status == 401);
}

TEST_CASE("console: behind a proxy that speaks TLS the cookie is for TLS alone") {
  TestConsole console;
  const Browser browser = console.browser();
  HttpSaid said =
      browser.ask("POST", "/api/v1/session",
                  {{"Content-Type", "application/json"}, {"X-Forwarded-Proto", "https"}},
                  R"({"code":")" + console.code(Role::office) + "\"}");
  REQUIRE(said.status == 200);
  CHECK(has(said.headers["set-cookie"], "; Secure"));
}

TEST_CASE(
    "console: a code past its hour is refused, and ten wrong ones close the door for a while") {
  TestConsole console;
  const std::string late = console.code(Role::secretary);
  console.hub().time().advance(limits::console_code_ms + 1);
  Browser browser = console.browser();
  CHECK(browser.sign_in(late).status == 401);
  for (int i = 1; i < limits::console_wrong_codes_max; ++i) {
    CHECK(browser.sign_in("0000-0000-0000-000" + std::to_string(i % 10)).status == 401);
  }
  const std::string right = console.code(Role::secretary);
  const HttpSaid shut = browser.sign_in(right);
  CHECK(shut.status == 429);
  CHECK(shut.error().text("name") == "too_many_tries");
  CHECK(shut.error().text("todo") == "请等十分钟再试");
  console.hub().time().advance(limits::console_wrong_codes_ms);
  CHECK(browser.sign_in(right).status == 200);
}

TEST_CASE("console: a session ends twelve hours after its last use, or when its person signs out") {
  TestConsole console;
  Browser busy = console.signed_in(Role::secretary);
  const Browser idle = console.signed_in(Role::secretary);
  console.hub().time().advance(limits::console_session_ms / 2);
  HttpSaid used = busy.get("/api/v1/session");
  CHECK(used.status == 200);
  CHECK(used.headers["set-cookie"].starts_with(busy.cookie));
  console.hub().time().advance(limits::console_session_ms / 2 + 1);
  CHECK(busy.get("/api/v1/session").status == 200);
  CHECK(idle.get("/api/v1/session").status == 401);
  CHECK(busy.send("DELETE", "/api/v1/session", "").status == 200);
  CHECK(busy.get("/api/v1/session").status == 401);
}

TEST_CASE("console: nothing of it opens for someone who is not signed in, and nothing changes") {
  TestConsole console;
  console.add_units();
  const std::uint64_t before = console.position();
  const Browser stranger = console.browser();
  for (const console::ConsoleRoute& route : console::console_routes()) {
    CAPTURE(route.pattern);
    const HttpSaid said = call(stranger, route);
    if (route.rights == console::Rights::open) {
      CHECK(said.status == 400);  // no code
      continue;
    }
    CHECK(said.status == 401);
    CHECK(said.error().text("name") == "not_signed_in");
    CHECK_FALSE(has(said.body, "独石村"));
  }
  CHECK(console.position() == before);
}

TEST_CASE("console: the office sees numbers, and of what is a secretary's alone nothing") {
  TestConsole console;
  console.add_units();
  const std::uint64_t before = console.position();
  const Browser office = console.signed_in(Role::office, "办公室");
  std::size_t closed = 0;
  for (const console::ConsoleRoute& route : console::console_routes()) {
    if (route.rights != console::Rights::secretary) continue;
    CAPTURE(route.pattern);
    const HttpSaid said = call(office, route);
    CHECK(said.status == 403);
    CHECK(said.error().text("name") == "not_your_role");
    CHECK(said.error().text("message") == "您在控制台的角色不允许这样做");
    ++closed;
  }
  CHECK(closed >= 4);
  CHECK(office.get("/api/v1/scopes").status == 200);
  CHECK(office.get("/api/v1/overview").status == 200);
  CHECK(console.position() == before);
}

TEST_CASE("console: a request without the page's token, type or origin changes nothing") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const std::uint64_t before = console.position();
  const std::string enrolment =
      R"({"name":"李秀英","role":"volunteer","scopes":[")" + dushi + R"("]})";
  const Headers good{{"Cookie", secretary.cookie},
                     {"Content-Type", "application/json"},
                     {"X-Doorstep-Csrf", secretary.csrf}};
  const auto with = [&](std::size_t place, const std::string& value) {
    Headers headers = good;
    headers[place].second = value;
    return secretary.ask("POST", "/api/v1/enrolments", headers, enrolment);
  };
  const auto foreign = [](const HttpSaid& said) {
    return said.status == 403 && said.error().text("name") == "foreign_request";
  };
  CHECK(foreign(with(1, "text/plain")));
  CHECK(foreign(with(2, "")));
  CHECK(foreign(with(2, std::string(64, '0'))));
  Headers elsewhere = good;
  elsewhere.emplace_back("Origin", "http://evil.example");
  CHECK(foreign(secretary.ask("POST", "/api/v1/enrolments", elsewhere, enrolment)));
  elsewhere.back().second = "null";
  CHECK(foreign(secretary.ask("POST", "/api/v1/enrolments", elsewhere, enrolment)));
  CHECK(console.position() == before);
  CHECK(secretary.ask("POST", "/api/v1/enrolments", good, enrolment).status == 200);
  CHECK(console.position() == before + 1);
}

TEST_CASE(
    "console: it answers to addresses, to localhost and to the name it was given, to no other") {
  TestConsole console({"gongzuo.example"});
  const Browser secretary = console.signed_in(Role::secretary);
  const auto as = [&](const std::string& host) {
    return secretary.ask("GET", "/api/v1/scopes", {{"Host", host}, {"Cookie", secretary.cookie}});
  };
  for (const char* host : {"127.0.0.1", "192.168.1.7:7301", "[::1]:7301", "localhost:7301",
                           "gongzuo.example", "GONGZUO.example:443"}) {
    CAPTURE(host);
    CHECK(as(host).status == 200);
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "", "gongzuo.example.evil",
                           "127.0.0.1:80@evil.example", "[::1].evil.example:80"}) {
    CAPTURE(host);
    CHECK(as(host).status == 403);
    CHECK(secretary.ask("GET", "/", {{"Host", host}}).status == 403);
  }
}

TEST_CASE("console: every answer keeps a browser from what the page does not need") {
  TestConsole console;
  const Browser secretary = console.signed_in(Role::secretary);
  for (const char* path : {"/", "/devices/7", "/api/v1/scopes", "/api/v1/nothing"}) {
    CAPTURE(path);
    HttpSaid said = secretary.get(path);
    CHECK(has(said.headers["content-security-policy"], "default-src 'none'; script-src 'self'"));
    CHECK(has(said.headers["content-security-policy"], "frame-ancestors 'none'"));
    CHECK(said.headers["x-content-type-options"] == "nosniff");
    CHECK(said.headers["referrer-policy"] == "no-referrer");
    CHECK(said.headers["cross-origin-opener-policy"] == "same-origin");
    CHECK(said.headers["cross-origin-resource-policy"] == "same-origin");
  }
  CHECK(secretary.get("/api/v1/scopes").headers.at("cache-control") == "no-store");
}

TEST_CASE("console: unknown places, other methods, and requests beyond the limits are told apart") {
  TestConsole console;
  Browser secretary = console.signed_in(Role::secretary);
  CHECK(secretary.get("/api/v1/nothing").status == 404);
  CHECK(secretary.get("/api/v2/scopes").status == 404);
  CHECK(secretary.send("POST", "/api/v1/scopes", "{}").status == 405);
  CHECK(secretary.send("PUT", "/", "{}").status == 405);
  const HttpSaid head = secretary.ask("HEAD", "/", {});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.headers.at("content-length") != "0");
  const std::string large(limits::console_body_bytes_max + 1, ' ');
  CHECK(secretary.send("POST", "/api/v1/enrolments", large).status == 413);
  secretary.language = std::string(limits::console_header_bytes_max, 'z');
  CHECK(secretary.get("/api/v1/scopes").status == 431);
  secretary.language = "en";
  CHECK(secretary.get("/api/v1/scopes").status == 200);
  RawSocket noise(console.url());
  noise.send("\x16\x03\x01 this is no request\r\n\r\n");
  CHECK(noise.read_to_end().starts_with("HTTP/1.1 400 "));
}

TEST_CASE("console: so many pages may listen, the next is told that the hub is busy") {
  TestConsole console;
  const Browser secretary = console.signed_in(Role::secretary);
  std::vector<RawSocket> pages;
  for (std::size_t i = 0; i < limits::console_streams_max; ++i) {
    pages.emplace_back(console.url()).send(secretary.events_request());
    REQUIRE(has(pages.back().read_until("\n\n"), "event: hub"));
  }
  const HttpSaid busy = secretary.get("/api/v1/events");
  CHECK(busy.status == 503);
  CHECK(busy.error().text("name") == "hub_busy");
  CHECK(secretary.get("/api/v1/session").status == 200);
}

TEST_CASE("console: one connection carries request after request, also when they come at once") {
  TestConsole console;
  const Browser secretary = console.signed_in(Role::secretary);
  const std::string one = "GET /api/v1/scopes HTTP/1.1\r\nHost: " + secretary.authority() +
                          "\r\nCookie: " + secretary.cookie + "\r\n";
  RawSocket socket(console.url());
  socket.send(one + "\r\n" + one + "\r\n" + one + "Connection: close\r\n\r\n");
  const std::string all = socket.read_to_end();
  std::size_t answers = 0;
  for (auto at = all.find("HTTP/1.1 200 OK"); at != std::string::npos; ++answers) {
    at = all.find("HTTP/1.1 200 OK", at + 1);
  }
  CHECK(answers == 3);
}

}  // namespace doorstep::test
