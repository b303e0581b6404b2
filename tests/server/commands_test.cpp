// The commands as people type them.
#include <doctest/doctest.h>

#include <regex>
#include <sstream>

#include "engine/session/compare_device.hpp"
#include "tests/server/command_run.hpp"
#include "tests/server/test_hub.hpp"

namespace doorstep::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As `doorstepd --help` lists them.
std::vector<std::string> all_commands() {
  const std::string help = run({"--help"}).out;
  std::vector<std::string> found;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) found.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  REQUIRE(found.size() > 10);
  return found;
}

/// A volunteer's phone in Dushi that has not called yet.
DeviceRecord put_volunteer(TestHub& hub, const std::string& name) {
  OsRandom random;
  DeviceRecord record;
  record.id = random.id<DeviceId>();
  record.name = name;
  record.role = "volunteer";
  record.scopes = {{dushi}};
  const auto commit = hub.store().begin();
  REQUIRE((*commit)->put_device(record).ok());
  REQUIRE((*commit)->commit(hub.time().now(), random.id<CommitToken>()).ok());
  return record;
}

// A made hub; each test types its commands at it.
struct Folder {
  TempDir dir;
  std::string data = (dir.path() / "hub").string();
  Folder() { REQUIRE(run({"init", "--data", data, "--name", "桥江镇"}).status == 0); }
};

}  // namespace

TEST_CASE("init makes a hub once; a second init there changes nothing and says why") {
  const Folder hub;
  const Said again = run({"init", "--data", hub.data});
  CHECK(again.status == 1);
  CHECK(has(again.err, "already_exists"));
  CHECK(run({"verify", "--data", hub.data}).status == 0);
}

TEST_CASE("a folder that holds no hub is named with what to do, also in Chinese") {
  const TempDir dir;
  const Said said = run({"devices", "--data", dir.path().string()});
  CHECK(said.status == 1);
  CHECK(has(said.err, "doorstepd init"));
  CHECK(has(said.err, "[not_a_hub]"));
  CHECK(has(run({"devices", "--data", dir.path().string()}, true).err, "文件夹里没有 hub 数据"));
}

TEST_CASE("enrol prints a code, as JSON or as text with a QR picture") {
  const Folder hub;
  const Said json = run({"enrol", "--data", hub.data, "--scope", dushi, "--role", "volunteer",
                         "--name", "李秀英", "--json"});
  REQUIRE(json.status == 0);
  CHECK(json.out.starts_with("{\"code\":\""));
  CHECK(has(json.out, "\"expires_at\":\"20"));
  const Said text = run(
      {"enrol", "--data", hub.data, "--scope", dushi, "--role", "volunteer", "--name", "李秀英"},
      true);
  REQUIRE(text.status == 0);
  CHECK(has(text.out, "█"));
  CHECK(has(text.out, "请让“李秀英”在手机上扫描"));
}

TEST_CASE("enrol for a role that the schema lacks names those it has") {
  const Folder hub;
  const Said said =
      run({"enrol", "--data", hub.data, "--scope", dushi, "--role", "emperor", "--name", "x"});
  CHECK(said.status == 1);
  CHECK(has(said.err, "volunteer"));
  CHECK(said.out.empty());
}

TEST_CASE("wrong usage has exit status 2 and its help has examples") {
  CHECK(run({}).status == 2);
  CHECK(run({"serve"}).status == 2);
  CHECK(run({"dance"}).status == 2);
  CHECK(run({"serve", "--data", "x", "--tls-cert", "cert.pem"}).status == 2);
  for (const std::string& command : all_commands()) {
    CAPTURE(command);
    const Said help = run({command, "--help"});
    CHECK(help.status == 0);
    CHECK(has(help.out, "Examples:"));
  }
}

TEST_CASE("the completion script knows every command and every option") {
  const Said said = run({"completion", "bash"});
  CHECK(said.status == 0);
  const std::string first_words = said.out.substr(said.out.find("COMP_CWORD == 1"));
  const std::regex option("\\s(--[a-z-]+)");
  for (const std::string& command : all_commands()) {
    CAPTURE(command);
    CHECK(std::regex_search(first_words, std::regex("[' ]" + command + " ")));
    std::smatch own;
    if (!std::regex_search(said.out, own, std::regex("\\b" + command + "[a-z|]*\\) ([^\n]*)"))) {
      CHECK(command == "missing in the script");
      continue;
    }
    const std::string known = own[1].str() + " --help ";
    const std::string help = run({command, "--help"}).out;
    const std::string listed = help.substr(0, help.find("Examples:"));
    for (std::sregex_iterator at(listed.begin(), listed.end(), option), end; at != end; ++at) {
      CHECK_MESSAGE(has(known, (*at)[1].str()), (*at)[1].str());
    }
  }
}

TEST_CASE("revoking a phone that is not there says so; one that is there shows as revoked") {
  TestHub hub;
  const DeviceRecord record = put_volunteer(hub, "李秀英");
  const std::string data = hub.folder().dir().string();

  CHECK(run({"revoke", "--data", data, "王芳"}).status == 1);
  CHECK(run({"revoke", "--data", data, "李秀英", "--lost"}).status == 0);
  const Said list = run({"devices", "--data", data, "--json"});
  CHECK(has(list.out, "\"device\":\"" + record.id.hex() + "\""));
  CHECK(has(list.out, "\"state\":\"lost\""));
  CHECK(hub.device(record.id)->revoked.has_value());
}

TEST_CASE("the sample village loads through the merge, and verify finds its digests right") {
  const Folder hub;
  const Said loaded = run({"load", "--data", hub.data, "--sample", "dushi", "--json"});
  CHECK(loaded.err == "");
  REQUIRE(loaded.status == 0);
  CHECK(has(loaded.out, "\"not_accepted\":0"));
  const Said verified = run({"verify", "--data", hub.data, "--json"});
  CHECK(verified.status == 0);
  CHECK(has(verified.out, "\"ok\":true"));
  CHECK(has(verified.out, "\"missing\":[]"));
  CHECK(run({"conflicts", "--data", hub.data, "--json"}).out == "");
  CHECK(run({"quarantine", "--data", hub.data, "--json"}).out == "");
  CHECK(run({"enrol", "--data", hub.data, "--scope", "999", "--role", "volunteer", "--name", "x"})
            .status == 1);
}

TEST_CASE("a phone that has not called is asked when it does; its answer shows with its age") {
  TestHub hub;
  const DeviceRecord record = put_volunteer(hub, "李秀英");
  OsRandom random;
  const std::string data = hub.folder().dir().string();

  CHECK(run({"compare", "--data", data, "王芳"}).status == 1);
  CHECK(has(run({"compare", "--data", data, "李秀英", "--last"}).err, "not_answered"));
  const Said asked = run({"compare", "--data", data, "李秀英", "--wait", "0"}, true);
  CHECK(asked.status == 1);
  CHECK(has(asked.err, "手机还没有回答"));

  DeviceComparison found;
  CellDifference cell{
      "resident", RowId::from(random.id<DeviceId>().view()).value(), "phone", {}, {}, {}, {}};
  cell.hub = Value::text("13811111111");
  cell.device = Value::text("broken");
  found.cells = {cell};
  const Instant hour_ago{SystemTime().now().ms - 3'600'000};
  REQUIRE(
      keep_comparison(hub.store(), record.id, 1, found, hour_ago, random.id<CommitToken>()).ok());
  const Said shown = run({"compare", "--data", data, "李秀英", "--last"});
  CHECK(shown.status == 1);
  for (const char* part :
       {"60 minutes ago", "resident", "phone", "13811111111", "broken", "NOT EXPLAINED"}) {
    CHECK_MESSAGE(has(shown.out, part), shown.out);
  }
  CHECK(has(shown.err, "rows_differ"));
  CHECK(has(run({"compare", "--data", data, "李秀英", "--last"}, true).out, "原因不明"));
  const Said waiting = run({"compare", "--data", data, "李秀英", "--wait", "0", "--json"});
  CHECK(has(waiting.out, "\"waiting\":true"));
  CHECK(has(waiting.out, "\"why\":\"unexplained\",\"hub\":\"13811111111\""));

  found.cells[0].why = CellDifference::Why::pending;
  REQUIRE(
      keep_comparison(hub.store(), record.id, 2, found, hour_ago, random.id<CommitToken>()).ok());
  CHECK(run({"compare", "--data", data, "李秀英", "--last"}).status == 0);
  REQUIRE(run({"revoke", "--data", data, "李秀英"}).status == 0);
  CHECK(has(run({"compare", "--data", data, "李秀英"}).err, "device_revoked"));
}

TEST_CASE("verify speaks the language of who asks") {
  const Folder hub;
  CHECK(has(run({"verify", "--data", hub.data}).out, "All is well."));
  CHECK(has(run({"verify", "--data", hub.data}, true).out, "一切正常。"));
}

}  // namespace doorstep::test
