// The commands as people type them: exit statuses, messages that say what to do, what they refuse.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

using namespace doorstep::test;

namespace {

struct OnePhone {
  ScratchFolder folder{"command"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  OnePhone() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    hub.serve();
    REQUIRE(wang.enrol(hub).status == 0);
  }
};

void check_says(const Finished& finished, int status, const std::string& part) {
  CHECK(finished.status == status);
  CHECK_MESSAGE(finished.err.find(part) != std::string::npos, finished.err);
}

}  // namespace

TEST_CASE_FIXTURE(
    OnePhone,
    "sql: values print as they are, ids and blobs as hexadecimal, parameters bind by name") {
  const std::string insert =
      "insert into household (id, village_code, villager_group, head_name) values "
      "(uuid(:id), :village, :group, :name)";
  REQUIRE(
      wang.command({"sql", insert, "--bind", "id=018f3a6e-0000-7000-8000-000000000001", "--bind",
                    "village=" + dushi, "--bind", "group:=3", "--bind", "name=王 \"大\""})
          .status == 0);
  const auto rows =
      json_lines(wang.command({"sql",
                               "select id, villager_group, head_name, phone, 9007199254740993 as "
                               "big from household; select uuid_text(id) as t from household"})
                     .out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].text("id") == "018f3a6e000070008000000000000001");
  CHECK(rows[0].number("villager_group") == 3);
  CHECK(rows[0].text("head_name") == "王 \"大\"");
  CHECK_FALSE(rows[0].has("phone"));
  CHECK(rows[0].number("big") == 9007199254740993);
  CHECK(rows[1].text("t") == "018f3a6e-0000-7000-8000-000000000001");
}

TEST_CASE_FIXTURE(OnePhone,
                  "sql refuses what would break a replica, with a reason, and changes nothing") {
  for (const char* text :
       {"begin", "commit", "vacuum", "attach 'x.db' as x", "drop table visit",
        "alter table visit add column x", "create table x (a)", "pragma journal_mode = delete"}) {
    CAPTURE(text);
    check_says(wang.sql(text), 1, "[sql_refused]");
  }
  check_says(wang.sql("insert into no_such_table values (1)"), 1, "[sql_error]");
  check_says(wang.sql("insert into household (id, village_code, villager_group, head_name) values "
                      "(x'01', '1', 1, 'x')"),
             1, "[bad_key]");
  check_says(
      wang.sql(
          "insert into household (id, village_code, villager_group, head_name) values (uuid7(), '" +
          dushi + "', 1, cast(x'ff' as text))"),
      1, "[bad_value]");
  CHECK(wang.status().number("pending") == 0);
  CHECK(wang.read("select count(*) from household") == "0");
}

TEST_CASE_FIXTURE(OnePhone, "append-only: a visit is corrected by another visit, never edited") {
  REQUIRE(wang.sql("insert into household (id, village_code, villager_group, head_name) values "
                   "(uuid7(), '" +
                   dushi +
                   "', 1, 'Wang'); insert into visit (id, household_id, visitor, visited_on, "
                   "typed_at, kind) select "
                   "uuid7(), id, 'Wang', '2026-11-21', 1, 'routine' from household")
              .status == 0);
  check_says(wang.sql("update visit set kind = 'illness'"), 1, "[append_only]");
  check_says(wang.sql("delete from visit"), 1, "[append_only]");
  CHECK(wang.read("select kind from visit") == "routine");
}

TEST_CASE_FIXTURE(OnePhone,
                  "wrong usage exits with 2, a missing hub with 1, and both say what to do") {
  CHECK(wang.command({"no-such-command"}).status == 2);
  CHECK(wang.command({"sql"}).status == 2);
  CHECK(wang.command({"sql", "select 1", "--bind", "nonsense"}).status == 2);
  hub.stop();
  check_says(wang.command({"sync", "--attempts", "1"}), 1, "work goes on offline");
  CHECK(run({(bin_dir() / "doorstep").string(), "--help"}).status == 0);
  for (const char* command : {"init", "sql", "sync", "status", "conflicts", "verify"}) {
    CAPTURE(command);
    const Finished help = run({(bin_dir() / "doorstep").string(), command, "--help"});
    CHECK(help.status == 0);
    CHECK(help.out.find("Example") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(OnePhone,
                  "a file that is not a replica, a missing one and a read-only one each say so") {
  const std::string text_file = folder.file("notes.txt");
  std::ofstream(text_file)
      << "these are notes, not a database, and longer than a header of one hundred bytes: "
      << std::string(200, '.');
  check_says(Phone(text_file, "x").command({"status"}), 1, "[not_a_replica]");
  const std::string other = folder.file("other.db");
  REQUIRE(run({"sqlite3", other, "create table t (a)"}).status == 0);
  check_says(Phone(other, "x").command({"status"}), 1, "[not_a_replica]");
  check_says(Phone(folder.file("nothing.db"), "x").command({"status"}), 1, "doorstep init");
  CHECK_FALSE(std::filesystem::exists(folder.file("nothing.db")));
  check_says(wang.enrol(hub), 1, "[already_exists]");
}

TEST_CASE_FIXTURE(OnePhone, "the volunteer reads Chinese when the phone does") {
  hub.stop();
  const Finished chinese =
      run({(bin_dir() / "doorstep").string(), "sync", "--attempts", "1", "--db", wang.file()},
          {{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "zh_CN.UTF-8"}});
  CHECK(chinese.status == 1);
  CHECK_MESSAGE(chinese.err.find("连不上乡镇服务器") != std::string::npos, chinese.err);
}
