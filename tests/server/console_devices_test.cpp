// The secretary sees to the phones of her villages in the console.
#include <doctest/doctest.h>

#include "schema/loader.hpp"
#include "server/console/routes.hpp"
#include "server/village_schema.hpp"
#include "tests/server/callers.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/test_console.hpp"
#include "tests/server/test_phone.hpp"

namespace doorstep::test {
namespace {

using console::Role;
const std::string xintian = "431224103213";

std::string enrolment_of(const std::string& name, const std::string& scope) {
  return R"({"name":")" + name + R"(","role":"volunteer","scopes":[")" + scope + R"("]})";
}

/// For a volunteer of Dushi.
std::string new_code(const Browser& secretary) {
  return secretary.send("POST", "/api/v1/enrolments", enrolment_of("李秀英", dushi))
      .json()
      .text("code");
}

/// What the hub says before it closes.
std::vector<ErrorCode> last_words(TestPhone& phone) {
  std::vector<ErrorCode> said;
  while (const auto message = phone.listen()) {
    if (const auto* refused = std::get_if<ErrorMessage>(&*message)) {
      said.push_back(error_code_of(refused->code).value_or(ErrorCode::internal));
    }
  }
  return said;
}

}  // namespace

TEST_CASE(
    "console: a phone enrols with the code that the page shows, and the page shows the phone") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const HttpSaid made = secretary.send("POST", "/api/v1/enrolments", enrolment_of("李秀英", dushi));
  REQUIRE(made.status == 200);
  const Json enrolment = made.json();
  CHECK(enrolment.text("name") == "李秀英");
  CHECK(enrolment.text("role") == "volunteer");
  CHECK(enrolment.text("scopes") == "[\"" + dushi + "\"]");
  CHECK(enrolment.text("url") == console.hub().url());
  CHECK(enrolment.text("qr").starts_with("[\"1111111"));  // the finder in the corner
  const HttpSaid waiting = secretary.get("/api/v1/devices");
  CHECK(waiting.json().items("devices").empty());
  REQUIRE(waiting.json().items("codes").size() == 1);
  CHECK(waiting.json().items("codes").front().text("name") == "李秀英");
  CHECK_FALSE(waiting.json().items("codes").front().has("code"));

  TestPhone phone = phone_with(console.hub(), 1, enrolment.text("code"));
  const HttpSaid shown = secretary.get("/api/v1/devices");
  CHECK(shown.json().items("codes").empty());
  REQUIRE(shown.json().items("devices").size() == 1);
  const Json device = shown.json().items("devices").front();
  CHECK(device.text("device") == phone.device().hex());
  CHECK(device.text("name") == "李秀英");
  CHECK(device.text("state") == "active");
  CHECK(device.boolean("connected"));
  CHECK(device.text("scopes") == "[\"" + dushi + "\"]");
  CHECK_FALSE(device.has("revoked_at"));
}

TEST_CASE(
    "console: a lost phone is revoked in the console; it hears so at once and cannot return") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const std::string code = new_code(secretary);
  TestPhone phone = phone_with(console.hub(), 1, code);
  const std::string path = "/api/v1/devices/" + phone.device().hex() + "/revoke";
  const HttpSaid revoked = secretary.send("POST", path, R"({"lost":true})");
  REQUIRE(revoked.status == 200);
  CHECK(revoked.json().text("state") == "lost");
  CHECK(revoked.json().has("revoked_at"));
  const std::vector<ErrorCode> lost{ErrorCode::device_lost};
  CHECK(last_words(phone) == lost);
  CHECK(console.hub().device(phone.device())->lost);
  const HttpSaid unknown =
      secretary.send("POST", "/api/v1/devices/00112233445566778899aabbccddeeff/revoke", "{}");
  CHECK(unknown.status == 404);
  CHECK(unknown.error().text("name") == "device_unknown");
}

TEST_CASE("console: a volunteer moves to another village; her phone is told to look again") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const std::string code = new_code(secretary);
  TestPhone phone = phone_with(console.hub(), 1, code);
  const std::string path = "/api/v1/devices/" + phone.device().hex() + "/scopes";
  const HttpSaid granted = secretary.send("PUT", path, R"({"scopes":[")" + xintian + R"("]})");
  REQUIRE(granted.status == 200);
  CHECK(granted.json().text("scopes") == "[\"" + xintian + "\"]");
  CHECK(console.hub().device(phone.device())->scopes == std::vector<ScopeId>{{xintian}});
  // It is sent away, to come back with its new scopes, and the hub closes.
  CHECK(phone.listen_for<Busy>().retry_after_ms == limits::scopes_changed_retry_ms);
  CHECK(last_words(phone).empty());
  phone.connect(console.hub().url());
  const auto welcome = phone.hello();
  REQUIRE(welcome.has_value());
  REQUIRE(std::holds_alternative<Welcome>(*welcome));
  CHECK(std::get<Welcome>(*welcome).scopes.front().code == xintian);

  REQUIRE(
      secretary.send("POST", "/api/v1/devices/" + phone.device().hex() + "/revoke", "{}").status ==
      200);
  const std::uint64_t before = console.position();
  const HttpSaid late = secretary.send("PUT", path, R"({"scopes":[")" + dushi + R"("]})");
  CHECK(late.status == 409);
  CHECK(late.error().text("name") == "device_revoked");
  CHECK(console.position() == before);
}

TEST_CASE(
    "console: bad input to any route is answered with its field, in both languages, and changes "
    "nothing") {
  TestConsole console;
  console.add_units();
  Browser secretary = console.signed_in(Role::secretary);
  const std::uint64_t before = console.position();
  struct Bad {
    const char* method;
    std::string path;
    std::string body;
    std::string field;
  };
  const std::string device = "/api/v1/devices/00112233445566778899aabbccddeeff";
  const std::string scope = R"("scopes":[")" + dushi + "\"]";
  const std::vector<Bad> all{
      {"POST", "/api/v1/enrolments", "{}", "name"},
      {"POST", "/api/v1/enrolments", "[1]", "null"},
      {"POST", "/api/v1/enrolments", "{\"name\":", "null"},
      {"POST", "/api/v1/enrolments?x=1", enrolment_of("李", dushi), "x"},
      {"POST", "/api/v1/enrolments", enrolment_of("  ", dushi), "name"},
      {"POST", "/api/v1/enrolments", enrolment_of(std::string(201, 'x'), dushi), "name"},
      {"POST", "/api/v1/enrolments", R"({"name":7,"role":"volunteer",)" + scope + "}", "name"},
      {"POST", "/api/v1/enrolments", R"({"name":"李","role":"emperor",)" + scope + "}", "role"},
      {"POST", "/api/v1/enrolments", enrolment_of("李", "9999"), "scopes"},
      {"POST", "/api/v1/enrolments", R"({"name":"李","role":"volunteer","scopes":[]})", "scopes"},
      {"POST", "/api/v1/enrolments", R"({"name":"李","role":"volunteer","scopes":"1"})", "scopes"},
      {"POST", "/api/v1/enrolments", R"({"name":"李","role":"volunteer","age":1,)" + scope + "}",
       "age"},
      {"POST", device + "/revoke", R"({"lost":"yes"})", "lost"},
      {"POST", device + "/revoke", R"({"gone":true})", "gone"},
      {"PUT", device + "/scopes", "{}", "scopes"},
      {"PUT", device + "/scopes", R"({"scopes":["1","1"]})", "scopes"},
      {"DELETE", "/api/v1/session", R"({"all":true})", "all"},
      {"POST", "/api/v1/session", R"({"code":12})", "code"},
  };
  for (const Bad& bad : all) {
    CAPTURE(bad.path);
    CAPTURE(bad.body);
    for (const bool chinese : {true, false}) {
      secretary.language = chinese ? "zh-CN" : "en-GB,en;q=0.9";
      const HttpSaid said = secretary.send(bad.method, bad.path, bad.body);
      CHECK(said.status == 400);
      const Json fault = said.error();
      CHECK(fault.text("name") == "bad_value");
      CHECK(fault.number("code") == 202);
      CHECK(fault.text("message") ==
            (chinese ? "填写的内容不符合这一栏的要求" : "a value does not fit its column"));
      CHECK((fault.has("field") ? fault.text("field") : "null") == bad.field);
    }
  }
  for (const console::ConsoleRoute& route : console::console_routes()) {
    if (route.method != "GET") continue;
    const std::string path = "/api/v1" + std::string(route.pattern) + "?no_such=1";
    if (path.find('{') != std::string::npos) continue;
    CAPTURE(path);
    const HttpSaid said = secretary.get(path);
    CHECK(said.status == 400);
    CHECK(said.error().text("field") == "no_such");
  }
  CHECK(console.position() == before);
  CHECK(secretary.get("/api/v1/session").status == 200);
}

TEST_CASE(
    "console: what no route can read is refused by all that change something, and changes "
    "nothing") {
  TestConsole console;
  console.add_units();
  Browser secretary = console.signed_in(Role::secretary);
  const std::uint64_t before = console.position();
  for (const console::ConsoleRoute& route : console::console_routes()) {
    if (route.method == "GET") continue;
    std::string path = "/api/v1" + std::string(route.pattern);
    if (const auto open = path.find('{'); open != std::string::npos) {
      path.replace(open, path.find('}') - open + 1, "00112233445566778899aabbccddeeff");
    }
    CAPTURE(path);
    for (const char* body : {R"({"no_such":1})", "[]", "{", "7", R"({"ids":{}, "action":[]})"}) {
      CAPTURE(body);
      secretary.language = "zh-CN";
      const HttpSaid chinese = secretary.send(std::string(route.method), path, body);
      CHECK((chinese.status == 400 || chinese.status == 404));
      secretary.language = "en";
      const HttpSaid english = secretary.send(std::string(route.method), path, body);
      CHECK(english.status == chinese.status);
      CHECK(english.error().text("name") == chinese.error().text("name"));
      CHECK(english.error().text("message") != chinese.error().text("message"));
    }
  }
  CHECK(console.position() == before);
  CHECK(secretary.get("/api/v1/session").status == 200);
}

TEST_CASE("console: a schema that another process brings is the console's from then on") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  CHECK(secretary.get("/api/v1/schema").json().number("version") == 1);
  std::string text(village_schema_text());
  const std::string had = "\nversion = 1\n";
  text.replace(text.find(had), had.size(), "\nversion = 2\n");
  text += "\n[roles.driver]\nhousehold = \"read\"\n";
  const auto newer = load_schema(text, "newer");
  REQUIRE(newer.ok());
  TestHub& hub = console.hub();
  auto commit = hub.store().begin();
  REQUIRE(commit.ok());
  REQUIRE((*commit)->put_schema(newer.value(), hub.time().now()).ok());
  REQUIRE((*commit)->commit(hub.time().now(), hub.random().id<CommitToken>()).ok());

  CHECK(Json(secretary.get("/api/v1/session").json().text("schema")).number("version") == 2);
  const HttpSaid shown = secretary.get("/api/v1/schema");
  CHECK(shown.json().number("version") == 2);
  CHECK(shown.json().text("roles").find("\"driver\"") != std::string::npos);
  const HttpSaid enrolled =
      secretary.send("POST", "/api/v1/enrolments",
                     R"({"name":"司机","role":"driver","scopes":[")" + dushi + R"("]})");
  CHECK(enrolled.status == 200);
}

TEST_CASE("console: a page that listens hears of a phone that comes, until its person signs out") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const std::string code = new_code(secretary);
  RawSocket page(console.url());
  page.send(secretary.events_request());
  const std::string head = page.read_until("\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 OK"));
  CHECK(head.find("Content-Type: text/event-stream") != std::string::npos);
  const std::string first = page.read_until("\n\n");
  CHECK(first.starts_with("event: hub\ndata: {\"position\":"));
  CHECK(first.find("\"connected\":0,\"conflicts\":0") != std::string::npos);

  TestPhone phone = phone_with(console.hub(), 1, code);
  std::string heard;
  while (heard.find("\"connected\":1") == std::string::npos) {
    heard = page.read_until("\n\n");
    REQUIRE_FALSE(heard.empty());
  }
  CHECK(heard.find("\"position\":" + std::to_string(console.position())) != std::string::npos);
  CHECK(secretary.send("DELETE", "/api/v1/session", "").status == 200);
  CHECK(page.read_to_end().find("event: hub") == std::string::npos);
}

TEST_CASE("console: the overview has each village with its phones and what waits there") {
  TestConsole console;
  console.add_units();
  const Browser secretary = console.signed_in(Role::secretary);
  const std::string code = new_code(secretary);
  TestPhone phone = phone_with(console.hub(), 1, code);
  const Json overview = secretary.get("/api/v1/overview").json();
  CHECK(overview.number("position") == static_cast<std::int64_t>(console.position()));
  const Json totals(overview.text("totals"));
  CHECK(totals.text("code") == "43");
  CHECK(totals.number("devices") == 1);
  CHECK(totals.number("connected") == 1);
  const auto units = overview.items("units");
  REQUIRE(units.size() == 2);
  CHECK(units[0].text("name") == "独石村");
  CHECK(units[0].number("devices") == 1);
  CHECK(units[0].number("silent") == 0);
  CHECK(units[0].number("visits") == 0);
  CHECK(units[0].items("weeks").size() == 8);
  CHECK(units[1].text("name") == "新田村");
  CHECK(units[1].number("devices") == 0);
  CHECK_FALSE(units[1].has("last_contact_at"));

  const Json one = secretary.get("/api/v1/overview?scope=" + xintian).json();
  CHECK(Json(one.text("totals")).text("code") == xintian);
  CHECK(one.items("units").size() == 1);
  const HttpSaid none = secretary.get("/api/v1/overview?scope=9999");
  CHECK(none.status == 404);
  CHECK(none.error().text("field") == "scope");
  console.hub().time().advance(std::int64_t{8} * 24 * 3'600'000);
  const Browser later = console.signed_in(Role::office, "办公室");
  CHECK(Json(later.get("/api/v1/overview").json().text("totals")).number("silent") == 1);
}

}  // namespace doorstep::test
