// A township takes a newer form while its phones are connected.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

std::string village_text() {
  std::ifstream file(source_dir() / "schema/village.toml");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The village form with a question more about a household.
std::string village_2() {
  std::string text = replaced(village_text(), "\nversion = 1\n", "\nversion = 2\n");
  const std::size_t remarks = text.find("\nremarks = ", text.find("[tables.household.columns]"));
  REQUIRE(remarks != std::string::npos);
  return text.insert(text.find('\n', remarks + 1) + 1, "heating = \"text\"\n");
}

const std::string of_zhang = " where id = x'018f3a6e000070008000000000000001'";

}  // namespace

TEST_CASE("a newer form is applied beside a serving hub: live phones come again by themselves") {
  const ScratchFolder folder("schema-apply");
  TownshipHub hub(folder.file("hub"));
  REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
  hub.serve();
  const Phone li(folder.file("li.db"), "李秀英");
  const Phone wang(folder.file("wang.db"), "王建国");
  REQUIRE(li.enrol(hub).status == 0);
  REQUIRE(wang.enrol(hub).status == 0);
  Process live_li = li.start({"sync", "--live", "--json"});
  Process live_wang = wang.start({"sync", "--live", "--json"});
  for (Process* live : {&live_li, &live_wang}) {
    for (bool up_to_date = false; !up_to_date;) {
      const auto line = live->read_line();
      REQUIRE(line.has_value());
      up_to_date = Json(*line).boolean("live");
    }
  }

  const std::string broken = folder.file("broken.toml");
  std::ofstream(broken) << replaced(village_2(), "\nlast_visited = ", "\n# ");
  const Finished refused = hub.command({"schema", "apply", broken});
  CHECK(refused.status == 1);
  CHECK(refused.out.find("column 'last_visited': it is gone") != std::string::npos);
  CHECK(refused.err.find("schema_refused") != std::string::npos);

  const std::string form = folder.file("village-2.toml");
  std::ofstream(form) << village_2();
  const Finished plan = hub.command({"schema", "apply", form, "--dry-run", "--json"});
  CHECK_FALSE(last_json(plan).boolean("applied"));
  const Finished applied = hub.command({"schema", "apply", form, "--json"});
  REQUIRE_MESSAGE(applied.status == 0, applied.err);
  CHECK(last_json(applied).boolean("applied"));

  // The running sync of 王建国 hears of it; he takes it while that sync runs.
  while (wang.status().number("newer_schema") != 2) REQUIRE(live_wang.read_line().has_value());
  const Finished upgraded = wang.command({"schema", "upgrade", "--json"});
  REQUIRE_MESSAGE(upgraded.status == 0, upgraded.err);
  REQUIRE(wang.sql("insert into household (id, village_code, villager_group, head_name, heating) "
                   "values (uuid('018f3a6e-0000-7000-8000-000000000001'), '431224103212', 3, "
                   "'张桂兰', '煤炉')")
              .status == 0);
  while (wang.status().number("pending") != 0) REQUIRE(live_wang.read_line().has_value());
  while (li.read("select head_name from household" + of_zhang) != "张桂兰")
    REQUIRE(live_li.read_line().has_value());
  REQUIRE(li.sql("update household set phone = '13900000001'" + of_zhang).status == 0);
  while (wang.read("select phone || heating from household" + of_zhang) != "13900000001煤炉")
    REQUIRE(live_wang.read_line().has_value());
  for (Process* live : {&live_li, &live_wang}) {
    live->signal(15);
    CHECK(live->wait() == 0);
  }
  CHECK(li.sync().status == 0);
  CHECK(wang.sync().status == 0);
  hub.stop();  // writes what the devices said of themselves
  std::string versions;
  for (const Json& device : json_lines(hub.command({"devices", "--json"}).out)) {
    versions += device.text("name") + " " + device.text("schema") + "; ";
  }
  CHECK(versions == "李秀英 1; 王建国 2; ");
}

}  // namespace doorstep::test
