// A secretary compares a phone with the hub: with real processes, over a real connection.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct Office {
  ScratchFolder folder{"compare"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};

  Office() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    const Finished loaded = hub.command({"load", "--sample", "dushi"});
    REQUIRE_MESSAGE(loaded.status == 0, loaded.err);
    hub.serve();
    REQUIRE(wang.enrol(hub).status == 0);
    // The second one reads all rows, as a phone does once a day.
    for (int i = 0; i < 2; ++i) REQUIRE(wang.sync().status == 0);
  }
  /// Past the SDK and its guards, which know only the SDK.
  void change_behind_the_back(const std::string& sql) const {
    const std::string on = " from sqlite_schema where type = 'trigger' and tbl_name = 'resident'";
    const std::string guards = wang.read("select group_concat(sql, '; ')" + on);
    const std::string drop =
        wang.read("select group_concat('drop trigger \"' || name || '\"', '; ')" + on);
    const Finished done = run({"sqlite3", wang.file(), drop + "; " + sql + "; " + guards + ";"});
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  [[nodiscard]] Finished compare(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"compare", "Wang", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hub.command(arguments);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Office,
                  "a secretary compares a phone whose row was changed behind the SDK's back: that "
                  "cell is shown, sync --verify heals it, both ends count it, compare says equal") {
  const std::string id = wang.read("select hex(id) from resident order by id limit 1");
  const std::string phone = wang.read("select phone from resident where id = x'" + id + "'");
  change_behind_the_back("update resident set phone = 'broken' where id = x'" + id + "'");

  // The phone is away: it is asked when it calls.
  const Finished away = compare({"--wait", "0"});
  CHECK(away.status == 1);
  CHECK_MESSAGE(away.err.find("not_answered") != std::string::npos, away.err);
  const Finished called = wang.sync();
  REQUIRE_MESSAGE(called.status == 0, called.err);
  CHECK(last_json(called).number("pulled") == 0);
  CHECK(last_json(called).number("healed") == 0);
  // 1,232 residents and all that hangs on them; what went up are sums and one row.
  CHECK(last_json(called).number("bytes_sent") < 30'000);
  CHECK(last_json(called).number("bytes_received") < 10'000);

  const Finished answered = compare({"--last"});
  CHECK(answered.status == 1);
  const Json found = last_json(answered);
  CHECK_FALSE(found.boolean("equal"));
  CHECK(found.number("unexplained") == 1);
  REQUIRE(found.items("cells").size() == 1);
  const Json cell = found.items("cells")[0];
  CHECK(cell.text("table") == "resident");
  CHECK(cell.text("column") == "phone");
  CHECK(cell.text("hub") == phone);
  CHECK(cell.text("device") == "broken");
  CHECK(cell.text("why") == "unexplained");
  CHECK(wang.read("select phone from resident where id = x'" + id + "'") == "broken");
  const Finished table = hub.command({"compare", "Wang", "--last"});
  CHECK_MESSAGE(table.out.find("NOT EXPLAINED") != std::string::npos, table.out);

  const Finished verified = wang.command({"verify"});
  CHECK(verified.status == 1);
  CHECK_MESSAGE(verified.out.find("sync --verify") != std::string::npos, verified.out);
  const Finished healed = wang.command({"sync", "--verify", "--json"});
  REQUIRE_MESSAGE(healed.status == 0, healed.err);
  CHECK(last_json(healed).number("healed") == 1);
  CHECK(wang.read("select phone from resident where id = x'" + id + "'") == phone);
  const Json fleet = json_lines(hub.command({"devices", "--json"}).out).at(0);
  CHECK(fleet.number("healed") == 1);
  CHECK(fleet.has("healed_at"));
  CHECK(wang.status().number("healed_rows") == 1);
  const Finished fine = wang.command({"verify"});
  CHECK(fine.status == 0);
  CHECK_MESSAGE(fine.out.find("1 rows were healed so far") != std::string::npos, fine.out);

  // Now the phone is there and answers at once.
  Process live = wang.start({"sync", "--live", "--json"});
  for (bool there = false; !there;) {
    const auto line = live.read_line();
    REQUIRE(line.has_value());
    there = Json(*line).boolean("live");
  }
  const Finished equal = compare({"--wait", "60"});
  CHECK_MESSAGE(equal.status == 0, equal.err);
  CHECK(last_json(equal).boolean("equal"));
  CHECK_FALSE(last_json(equal).boolean("waiting"));
  CHECK(last_json(equal).items("cells").empty());
  live.signal(15);
  CHECK(live.wait() == 0);
}
