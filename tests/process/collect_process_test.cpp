// A phone from the drawer, a damaged phone and a damaged hub: with real processes, and with clocks
// that say what year it is, so that nobody waits.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

using namespace doorstep::test;

namespace {

constexpr std::int64_t days_200_ms = std::int64_t{200} * 24 * 3'600'000;

struct Drawer {
  ScratchFolder folder{"drawer"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  Phone li{folder.file("li.db"), "Li"};

  Drawer() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    const Finished loaded = hub.command({"load", "--sample", "dushi"});
    REQUIRE_MESSAGE(loaded.status == 0, loaded.err);
    hub.serve();
    for (const Phone* phone : {&wang, &li}) REQUIRE(phone->enrol(hub).status == 0);
    REQUIRE(wang.sync().status == 0);
    // Two who have no checks or visits of their own yet.
    for (const char* name : {"one", "two"}) {
      const Finished written =
          wang.sql("insert into resident (id, household_id, name) select uuid7(), min(id), '" +
                   std::string(name) + "' from household");
      REQUIRE_MESSAGE(written.status == 0, written.err);
    }
    // A phone says at its next call what it has.
    for (const Phone* phone : {&wang, &li, &wang, &li}) REQUIRE(phone->sync().status == 0);
  }
  [[nodiscard]] Finished collect_200_days_later() const {
    return run({(bin_dir() / "doorstepd").string(), "collect", "--data", hub.folder(), "--json"},
               {{"DOORSTEP_WALL_OFFSET_MS", std::to_string(days_200_ms)}});
  }
};

void write(const Phone& phone, const std::string& sql) {
  const Finished done = phone.sql(sql);
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

const std::string one = "(select id from resident where name = 'one')";

}  // namespace

TEST_CASE_FIXTURE(Drawer,
                  "a phone that lay in a drawer for 200 days comes back with its unsent visits; a "
                  "deleted resident does not return") {
  write(li,
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
        "select uuid7(), min(id), 'Li', '2026-01-05', 1767600000000, 'routine', "
        "'from the drawer' from household");
  write(li, "update resident set phone = '13900000000' where id = " + one);
  write(wang, "delete from resident where id = " + one);
  REQUIRE(wang.sync().status == 0);
  REQUIRE(wang.sync().status == 0);
  const Finished collected = collect_200_days_later();
  REQUIRE_MESSAGE(collected.status == 0, collected.err);
  CHECK(last_json(collected).number("tombstones") == 1);

  const Finished back = li.sync();
  REQUIRE_MESSAGE(back.status == 0, back.err);
  CHECK(last_json(back).number("reconciles") == 1);
  CHECK(last_json(back).boolean("up_to_date"));
  CHECK(li.read("select count(*) from resident where name = 'one'") == "0");
  CHECK(li.status().number("rejected") == 1);
  CHECK(json_lines(hub.command({"quarantine", "--json"}).out).size() == 1);
  REQUIRE(wang.sync().status == 0);
  CHECK(wang.read("select count(*) from visit where findings = 'from the drawer'") == "1");
  for (const Phone* phone : {&wang, &li}) CHECK(phone->command({"verify"}).status == 0);
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(Drawer,
                  "D4: the secretary looks at the edit from the drawer, admits it, and both phones "
                  "have the resident again with her whole record") {
  write(wang, "update resident set phone = '13811111111' where id = " + one);
  write(wang,
        "update resident set phone = '13822222222' where id = (select id from resident "
        "where name = 'two')");
  for (const Phone* phone : {&wang, &li, &wang, &li}) REQUIRE(phone->sync().status == 0);
  write(li, "update resident set phone = '13900000000' where id = " + one);
  write(li,
        "update resident set phone = '13933333333' where id = (select id from resident "
        "where name = 'two')");
  write(wang, "delete from resident where name in ('one', 'two')");
  for (int i = 0; i < 2; ++i) REQUIRE(wang.sync().status == 0);
  REQUIRE(collect_200_days_later().status == 0);
  REQUIRE(li.sync().status == 0);
  CHECK(li.read("select count(*) from resident where name in ('one', 'two')") == "0");

  const auto waiting = json_lines(hub.command({"quarantine", "--json"}).out);
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[1].text("name") == "Li");
  CHECK(waiting[1].text("reason") == "row_unknown");
  CHECK(waiting[1].number("held_rows") == 2);
  const std::string id = waiting[1].text("id");
  const Finished shown = hub.command({"quarantine", "show", id.substr(0, 8)});
  REQUIRE_MESSAGE(shown.status == 0, shown.err);
  for (const char* word : {"one", "13811111111", "13900000000", "resident", "deleted at the hub"}) {
    CHECK_MESSAGE(shown.out.find(word) != std::string::npos, word << " in\n" << shown.out);
  }
  const Finished admitted = hub.command({"quarantine", "admit", id, "--by", "Secretary Li"});
  REQUIRE_MESSAGE(admitted.status == 0, admitted.err);
  const Finished again = hub.command({"quarantine", "admit", id});
  CHECK(again.status == 1);
  CHECK_MESSAGE(again.err.find("quarantine --all") != std::string::npos, again.err);
  REQUIRE(hub.command({"quarantine", "discard", waiting[0].text("id"), "--json"}).status == 0);
  CHECK(hub.command({"quarantine", "--json"}).out.empty());
  CHECK(json_lines(hub.command({"quarantine", "--all", "--json"}).out).size() == 2);

  for (const Phone* phone : {&wang, &li}) {
    REQUIRE(phone->sync().status == 0);
    CHECK(phone->read("select name || ' ' || phone from resident where name in ('one', 'two')") ==
          "one 13900000000");
    CHECK(phone->command({"verify"}).status == 0);
  }
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(Drawer,
                  "a row damaged on a phone behind the SDK's back is healed by its bucket and the "
                  "status says so") {
  const std::string rows = "select hex(id), name, phone from resident order by id";
  const std::string before = wang.read(rows);
  // The guards know only the SDK: they have to go for the damage, and come back.
  const std::string guards = wang.read(
      "select group_concat(sql, '; ') from sqlite_schema where type = 'trigger' and "
      "tbl_name = 'resident'");
  const std::string drop = wang.read(
      "select group_concat('drop trigger \"' || name || '\"', '; ') from sqlite_schema "
      "where type = 'trigger' and tbl_name = 'resident'");
  REQUIRE(run({"sqlite3", wang.file(),
               drop +
                   "; update resident set phone = 'broken' where id = (select min(id) from "
                   "resident); delete from resident where id = (select max(id) from resident); " +
                   guards + ";"})
              .status == 0);
  CHECK(wang.command({"verify"}).status == 1);
  const Finished healed = wang.command({"sync", "--verify", "--json"});
  REQUIRE_MESSAGE(healed.status == 0, healed.err);
  CHECK(last_json(healed).number("reconciles") == 1);
  CHECK(last_json(healed).number("healed") == 2);
  CHECK(last_json(healed).number("pulled") < 200);
  CHECK(wang.read(rows) == before);
  CHECK(wang.command({"verify"}).status == 0);
  const std::string status = wang.status().source();
  CHECK_MESSAGE(
      status.find(
          R"("healed":[{"table":"resident","missing":1,"surplus":0,"changed":1,"rows":[{"row":)") !=
          std::string::npos,
      status);
}

TEST_CASE_FIXTURE(Drawer,
                  "a row changed at the hub by hand: once it is edited all replicas agree again, "
                  "and the hub's sums are those of its rows") {
  const std::string id = wang.read("select hex(id) from resident order by id limit 1");
  hub.stop();
  REQUIRE(run({"sqlite3", hub.folder() + "/hub.db",
               "update resident set relation = 'by hand' where id = x'" + id + "'"})
              .status == 0);
  CHECK(hub.command({"verify"}).status == 1);
  hub.serve();
  write(wang, "update resident set relation = '户主的姑母' where id = x'" + id + "'");
  for (int round = 0; round < 3; ++round) {
    for (const Phone* phone : {&wang, &li}) {
      const Finished synced = phone->command({"sync", "--attempts", "5"});
      CHECK_MESSAGE(synced.status == 0, synced.err);
    }
  }
  CHECK(hub.command({"verify"}).status == 0);
  for (const Phone* phone : {&wang, &li}) {
    CHECK(phone->command({"verify"}).status == 0);
    CHECK(phone->status().boolean("up_to_date"));
  }
}

TEST_CASE_FIXTURE(Drawer, "collect says what it would do, and the horizon is the hub's own") {
  write(wang, "delete from resident where id = " + one);
  REQUIRE(wang.sync().status == 0);
  const Json nothing = last_json(hub.command({"collect", "--dry-run", "--json"}));
  CHECK(nothing.boolean("dry_run"));
  CHECK(nothing.number("horizon_days") == 180);
  CHECK(nothing.number("tombstones") == 0);
  REQUIRE(hub.command({"collect", "--horizon-days", "365", "--json"}).status == 0);
  CHECK(last_json(collect_200_days_later()).number("tombstones") == 0);
  REQUIRE(hub.command({"collect", "--horizon-days", "90", "--json"}).status == 0);
  CHECK(last_json(collect_200_days_later()).number("tombstones") == 1);
  CHECK(hub.command({"collect", "--horizon-days", "0"}).status == 2);
}
