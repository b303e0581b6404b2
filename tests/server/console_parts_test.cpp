// Parts of the console that need no network: its pages, its routes, its threads.
#include <doctest/doctest.h>

#include <array>
#include <future>

#include "server/console/console_worker.hpp"
#include "server/console/routes.hpp"
#include "server/console/static_files.hpp"
#include "tests/server/test_console.hpp"

namespace doorstep::test {
namespace {

using console::ConsoleFile;

const std::array<std::uint8_t, 2> page_bytes{0x1f, 0x8b};
const std::array<ConsoleFile, 2> pages{
    ConsoleFile{"/assets/app-3f2a.js", "text/javascript", page_bytes, "aa"},
    ConsoleFile{"/index.html", "text/html; charset=utf-8", page_bytes, "bb"}};

HttpReply ask(const std::string& target, const std::string& have = {},
              const std::string& method = "GET") {
  HttpCall call;
  call.method = method;
  call.target = target;
  call.if_none_match = have;
  return console::file_reply(pages, call);
}

std::string header(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE(
    "console: a browser keeps the files with a hash for good and asks again for the first page") {
  const HttpReply script = ask("/assets/app-3f2a.js?x");
  CHECK(script.status == 200);
  CHECK(script.file.size() == 2);
  CHECK(header(script, "Content-Type") == "text/javascript");
  CHECK(header(script, "Content-Encoding") == "gzip");
  CHECK(header(script, "Cache-Control") == "public, max-age=31536000, immutable");
  const HttpReply page = ask("/");
  CHECK(header(page, "Cache-Control") == "no-cache");
  CHECK(header(page, "ETag") == "\"bb\"");
  const HttpReply same = ask("/", "\"bb\"");
  CHECK(same.status == 304);
  CHECK(same.file.empty());
  CHECK(ask("/", "\"cc\"").status == 200);
}

TEST_CASE("console: an address of the pages' own gives the first page, a missing script does not") {
  const HttpReply deep = ask("/devices/018f3a6e");
  CHECK(deep.status == 200);
  CHECK(header(deep, "Content-Type") == "text/html; charset=utf-8");
  CHECK(ask("/assets/app-old.js").status == 404);
  CHECK(ask("/../../etc/passwd").file.size() ==
        2);  // the first page, too: nothing is read from disk
  CHECK(ask("/", "", "POST").status == 405);
  const HttpReply none =
      console::file_reply({}, HttpCall{"GET", "/", {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
  CHECK(none.status == 200);
  CHECK(none.body.find("控制台的页面没有编入这个程序") != std::string::npos);
}

TEST_CASE("console: a route is found by method and path, with what stands for its parts") {
  const auto found = console::match_route("PUT", "/api/v1/devices/0a0b/scopes");
  REQUIRE(found.route != nullptr);
  CHECK(found.route->pattern == "/devices/{id}/scopes");
  CHECK(found.parts == std::vector<std::string>{"0a0b"});
  CHECK(console::match_route("GET", "/api/v1/devices/0a0b/scopes").other_method);
  for (const char* path : {"/api/v1", "/api/v1/", "/api/v1/devices/", "/api/v1/devices//scopes",
                           "/api/v1/devices/0a0b/scopes/", "/api/v10/scopes", "/scopes"}) {
    CAPTURE(path);
    const auto none = console::match_route("PUT", path);
    CHECK(none.route == nullptr);
    CHECK_FALSE(none.other_method);
  }
}

TEST_CASE("console: what stands in an address is read as browsers write it, or refused") {
  const auto query = console::decode_query("q=%E7%8E%8B+%E4%BA%94&table=&scope=43%2B1");
  REQUIRE(query.ok());
  CHECK(*query->find("q")->as_text() == "王 五");
  CHECK(query->find("table")->as_text()->empty());
  CHECK(*query->find("scope")->as_text() == "43+1");
  CHECK(console::decode_query("").ok());
  for (const char* bad : {"q=%", "q=%4", "q=%zz", "q=%ff", "q=%00", "q=1&q=2"}) {
    CAPTURE(bad);
    const auto refused = console::decode_query(bad);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::bad_value);
  }
}

TEST_CASE(
    "console: questions wait their turn up to a limit, and those that wait when it stops are "
    "dropped") {
  TestHub hub;
  auto accounts = console::Accounts::open(hub.folder().dir(), hub.random());
  REQUIRE(accounts.ok());
  const console::ConsoleShared shared{**accounts, hub.log(), hub.time(), hub.random(), nullptr, ""};
  auto worker = console::ConsoleWorker::start(hub.folder().dir(), shared);
  REQUIRE(worker.ok());
  std::promise<void> begun;
  std::promise<void> report_done;
  auto wait = report_done.get_future().share();
  REQUIRE((*worker)->post([&begun, wait](console::ConsolePorts&) {
    begun.set_value();
    wait.wait();
  }));
  begun.get_future().wait();
  std::atomic<int> ran = 0;
  auto asked = std::make_shared<int>(0);  // gone when no question that waits is left
  const std::weak_ptr<int> waiting = asked;
  const auto question = [&ran, asked](console::ConsolePorts&) { ++ran; };
  for (std::size_t i = 0; i < limits::console_waiting_max; ++i) CHECK((*worker)->post(question));
  CHECK_FALSE((*worker)->post(question));

  // Another thread's questions are answered meanwhile.
  auto quick = console::ConsoleWorker::start(hub.folder().dir(), shared);
  REQUIRE(quick.ok());
  std::promise<std::string> name;
  REQUIRE((*quick)->post([&name](console::ConsolePorts& ports) {
    name.set_value(ports.folder.store().identity().name);
  }));
  CHECK(name.get_future().get() == "桥江镇");

  std::thread stopping([&worker] { (*worker)->stop(); });
  while (waiting.use_count() > 2) std::this_thread::yield();  // `asked` and `question` remain
  report_done.set_value();
  stopping.join();
  CHECK(ran == 0);
  CHECK_FALSE((*worker)->post(question));
}

}  // namespace doorstep::test
