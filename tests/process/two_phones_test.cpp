// The main job by hand, as a test: real processes, real sockets, real files.
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

/// A hub that serves the sample village, and two volunteers' phones that have it.
struct TwoPhones {
  ScratchFolder folder{"two-phones"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  Phone li{folder.file("li.db"), "Li"};

  TwoPhones() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    const Finished loaded = hub.command({"load", "--sample", "dushi"});
    REQUIRE_MESSAGE(loaded.status == 0, loaded.err);
    hub.serve();
    for (const Phone* phone : {&wang, &li}) {
      const Finished enrolled = phone->enrol(hub);
      REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
      const Finished synced = phone->sync();
      REQUIRE_MESSAGE(synced.status == 0, synced.err);
    }
  }

  void both_sync_until_quiet() const {
    for (const Phone* phone : {&wang, &li, &wang, &li}) {
      const Finished synced = phone->sync();
      REQUIRE_MESSAGE(synced.status == 0, synced.err);
    }
  }
};

const std::string every_resident =
    "select hex(id), name, phone, relation, sex, born, labels from resident order by id";

void write(const Phone& phone, const std::string& sql) {
  const Finished done = phone.sql(sql);
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

}  // namespace

TEST_CASE_FIXTURE(
    TwoPhones,
    "two phones offline: different columns of one resident are both kept, of the same column one "
    "stands and the other is a conflict at the hub and on the phone that lost") {
  const std::string first = wang.read("select hex(id) from resident order by id limit 1");
  const std::string second = wang.read("select hex(id) from resident order by id limit 1 offset 1");
  REQUIRE(first.size() == 32);

  write(wang, "update resident set phone = '13800000001' where id = x'" + first + "'");
  write(li, "update resident set relation = '户主的舅舅' where id = x'" + first + "'");
  write(wang, "update resident set phone = '13811111111' where id = x'" + second + "'");
  write(li, "update resident set phone = '13822222222' where id = x'" + second + "'");
  CHECK(wang.status().number("pending") == 2);
  CHECK_FALSE(wang.status().boolean("up_to_date"));

  both_sync_until_quiet();

  CHECK(wang.read(every_resident) == li.read(every_resident));
  const std::string merged =
      "select phone || ' ' || relation from resident where id = x'" + first + "'";
  CHECK(wang.read(merged) == "13800000001 户主的舅舅");
  CHECK(li.read(merged) == "13800000001 户主的舅舅");

  // Li wrote after Wang, on the same machine and boot: the later real moment stands.
  const std::string number = "select phone from resident where id = x'" + second + "'";
  CHECK(wang.read(number) == "13822222222");
  CHECK(li.read(number) == "13822222222");

  const auto at_wang = wang.conflicts();
  REQUIRE(at_wang.size() == 1);
  CHECK(at_wang[0].text("table") == "resident");
  CHECK(at_wang[0].text("column") == "phone");
  CHECK(at_wang[0].text("winner") == "13822222222");
  CHECK(at_wang[0].text("loser") == "13811111111");
  CHECK(at_wang[0].text("loser_author") == wang.status().text("device"));
  CHECK(at_wang[0].text("winner_author") == li.status().text("device"));
  CHECK(at_wang[0].text("loser_at") < at_wang[0].text("winner_at"));
  CHECK(at_wang[0].text("state") == "auto");
  CHECK(li.conflicts().empty());

  const auto at_hub = json_lines(hub.command({"conflicts", "--json"}).out);
  REQUIRE(at_hub.size() == 1);
  CHECK(at_hub[0].text("id") == at_wang[0].text("id"));
  CHECK(at_hub[0].text("loser") == "13811111111");
  CHECK(at_hub[0].text("loser_author") == wang.status().text("device"));

  for (const Phone* phone : {&wang, &li}) {
    const Json status = phone->status();
    CHECK(status.number("pending") == 0);
    CHECK_MESSAGE(status.boolean("up_to_date"), status.source());
    CHECK(phone->command({"verify"}).status == 0);
  }
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    TwoPhones,
    "causality beats clocks: a phone three years behind that has seen the other's edit wins") {
  const std::int64_t three_years_ms = std::int64_t{3} * 365 * 24 * 3'600'000;
  const Phone slow(li.file(), "Li", -three_years_ms);
  const std::string id = wang.read("select hex(id) from household order by id limit 1");
  write(wang, "update household set phone = '1' where id = x'" + id + "'");
  REQUIRE(wang.sync().status == 0);
  REQUIRE(slow.sync().status == 0);
  write(slow, "update household set phone = '2' where id = x'" + id + "'");
  REQUIRE(slow.sync().status == 0);
  REQUIRE(wang.sync().status == 0);
  const std::string number = "select phone from household where id = x'" + id + "'";
  CHECK(wang.read(number) == "2");
  CHECK(slow.read(number) == "2");
  CHECK(wang.conflicts().empty());
  CHECK(slow.conflicts().empty());
  // The offset is measured over a connection, so it holds the time that the message took.
  CHECK(std::abs(slow.status().number("clock_offset_ms") + three_years_ms) < 60'000);
}

TEST_CASE_FIXTURE(
    TwoPhones,
    "truly concurrent edits: the later real moment stands, whatever the wall clocks say") {
  const Phone fast(wang.file(), "Wang", std::int64_t{2} * 365 * 24 * 3'600'000);
  const std::string id = li.read("select hex(id) from household order by id limit 1");
  write(fast,
        "update household set phone = 'first, clock two years ahead' where id = x'" + id + "'");
  write(li, "update household set phone = 'second' where id = x'" + id + "'");
  REQUIRE(li.sync().status == 0);
  REQUIRE(fast.sync().status == 0);
  REQUIRE(li.sync().status == 0);
  const std::string number = "select phone from household where id = x'" + id + "'";
  CHECK(fast.read(number) == "second");
  CHECK(li.read(number) == "second");
  REQUIRE(fast.conflicts().size() == 1);
  CHECK(fast.conflicts()[0].text("loser") == "first, clock two years ahead");
}

TEST_CASE_FIXTURE(
    TwoPhones,
    "a phone that writes and syncs day after day: each sync takes that day's work and succeeds") {
  for (int day = 1; day <= 5; ++day) {
    write(wang,
          "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) select "
          "uuid7(), id, 'day', "
          "'2026-11-21', 1, 'routine' from household order by id limit " +
              std::to_string(day));
    const Finished synced = wang.sync();
    REQUIRE_MESSAGE(synced.status == 0, synced.err);
    CHECK(last_json(synced).number("pushed") == 1);
    CHECK(last_json(synced).boolean("up_to_date"));
  }
  REQUIRE(li.sync().status == 0);
  CHECK(li.read("select count(*) from visit where visitor = 'day'") == "15");
}

TEST_CASE_FIXTURE(TwoPhones,
                  "a write by plain sqlite3 is refused and names the SDK; reading works") {
  const Finished refused = run({"sqlite3", wang.file(), "update resident set phone = '0'"});
  CHECK(refused.status != 0);
  CHECK(refused.err.find("write_through_the_doorstep_sdk") != std::string::npos);
  CHECK(run({"sqlite3", wang.file(), "delete from visit"}).status != 0);
  CHECK(wang.read("select count(*) from resident") == "1232");
  CHECK(wang.status().number("pending") == 0);
}

TEST_CASE_FIXTURE(
    TwoPhones,
    "a live sync carries an edit to the other phone while sql and status run beside it") {
  Process live = li.start({"sync", "--live", "--json"});
  bool up_to_date = false;
  while (!up_to_date) {
    const auto line = live.read_line();
    REQUIRE(line.has_value());
    up_to_date = Json(*line).boolean("live");
  }
  CHECK(li.sync().status == 1);  // a second sync of the same replica

  const std::string id = wang.read("select hex(id) from household order by id limit 1");
  write(wang, "update household set phone = 'from wang' where id = x'" + id + "'");
  write(li, "update household set address = 'from li' where id = x'" + id + "'");
  REQUIRE(wang.sync().status == 0);
  const std::string both = "select phone || ' ' || address from household where id = x'" + id + "'";
  while (li.read(both) != "from wang from li") REQUIRE(live.read_line().has_value());
  while (li.status().number("pending") != 0) REQUIRE(live.read_line().has_value());
  REQUIRE(wang.sync().status == 0);
  CHECK(wang.read(both) == "from wang from li");
  live.signal(15);
  CHECK(live.wait() == 0);
}
