// Codes and people of the console, as the command makes them and as they are kept.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "server/console/accounts.hpp"
#include "tests/server/command_run.hpp"
#include "tests/server/test_console.hpp"

namespace doorstep::test {
namespace {

using console::Role;

std::string whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("console-code: a code made beside the running console signs its person in there") {
  TestConsole console;
  const std::string data = console.hub().folder().dir().string();
  const Said made =
      run({"console-code", "--data", data, "--name", "办公室", "--role", "office", "--json"});
  REQUIRE(made.status == 0);
  const Json code(made.out);
  CHECK(code.text("name") == "办公室");
  CHECK(code.text("role") == "office");
  CHECK(code.text("expires_at").starts_with("20"));
  CHECK(code.text("code").size() == 19);
  Browser browser = console.browser();
  // As people type what they read on paper: small letters, blanks, O for zero.
  std::string typed = code.text("code");
  for (char& c : typed) c = c == '-' ? ' ' : c == '0' ? 'o' : static_cast<char>(std::tolower(c));
  const HttpSaid said = browser.sign_in(typed);
  REQUIRE(said.status == 200);
  CHECK(said.json().text("name") == "办公室");
  CHECK(said.json().text("role") == "office");

  CHECK(run({"console-code", "--data", data, "--name", "x", "--role", "emperor"}).status == 2);
  CHECK(run({"console-code", "--data", data, "--name", " "}).status == 2);
  CHECK(run({"console-code", "--data", data + "-elsewhere", "--name", "x"}).status == 1);
  const Said chinese = run({"console-code", "--data", data, "--name", "张文书"}, true);
  CHECK(chinese.out.starts_with("张文书 登录控制台用的代码："));
}

TEST_CASE("console: a person's new role holds at once, in the pages that are open as well") {
  TestConsole console;
  const Browser old_page = console.signed_in(Role::secretary, "小李");
  CHECK(old_page.get("/api/v1/devices").status == 200);
  const Browser new_page = console.signed_in(Role::office, "小李");
  CHECK(new_page.get("/api/v1/devices").status == 403);
  CHECK(old_page.get("/api/v1/devices").status == 403);
}

TEST_CASE("console: what is kept of codes and sessions lets nobody in who reads it") {
  TestConsole console;
  const std::string waiting = console.code(Role::secretary);
  const Browser browser = console.signed_in(Role::secretary);
  const std::filesystem::path dir = console.hub().folder().dir();
  const std::string kept = whole(dir / "console.db") + whole(dir / "console.db-wal");
  REQUIRE(kept.find("张文书") != std::string::npos);
  CHECK(kept.find(waiting) == std::string::npos);
  CHECK(kept.find(browser.cookie.substr(browser.cookie.find('=') + 1)) == std::string::npos);
  CHECK(kept.find(browser.csrf) == std::string::npos);
  using std::filesystem::perms;
  for (const char* file : {"console.db", "console.db-wal"}) {
    CAPTURE(file);
    const perms rights = std::filesystem::status(dir / file).permissions();
    CHECK((rights & (perms::group_all | perms::others_all)) == perms::none);
  }
}

}  // namespace doorstep::test
