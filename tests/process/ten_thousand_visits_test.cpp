// Ten thousand visits of one phone, written at once and one by one, reach the hub and a fresh
// phone; what the files weigh before, while everything is pending, and after.
#include <doctest/doctest.h>

#include <doorstep/replica.hpp>
#include <filesystem>
#include <string>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

constexpr int visits = 10'000;

struct LongYear {
  ScratchFolder folder{"year"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  Phone fresh{folder.file("fresh.db"), "Li"};

  LongYear() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    hub.serve();
    REQUIRE(wang.enrol(hub).status == 0);
    REQUIRE(wang.sql("insert into household (id, village_code, villager_group, head_name) values "
                     "(uuid7(), '" +
                     dushi + "', 1, '王')")
                .status == 0);
    REQUIRE(wang.sync().status == 0);
  }

  /// Bytes of the database file once its write-ahead log is empty.
  [[nodiscard]] static double size_of(const std::string& file) {
    static_cast<void>(run({"sqlite3", file, "pragma wal_checkpoint(truncate)"}));
    return static_cast<double>(std::filesystem::file_size(file));
  }

  /// A plain SQLite file with the DDL and the rows of `phone`'s app tables, in the order of their
  /// rowids.
  [[nodiscard]] double plain_size(const Phone& phone) const {
    const std::string plain = folder.file("plain.db");
    std::filesystem::remove(plain);
    const std::string tables =
        "from sqlite_master where type = 'table' and name not like 'ds\\_%' escape '\\'";
    const std::string ddl = phone.read("select group_concat(sql, ';') " + tables);
    REQUIRE(run({"sqlite3", plain, ddl}).status == 0);
    const std::string copy = phone.read(
        "select group_concat('insert into main.' || name || ' select * from p.' || name || ' order "
        "by rowid', ';') " +
        tables);
    REQUIRE(run({"sqlite3", "-cmd", "attach '" + phone.file() + "' as p", plain, copy}).status ==
            0);
    return size_of(plain);
  }

  void reach_everyone() {
    const double before = size_of(wang.file());
    const Finished sent = wang.sync();
    REQUIRE_MESSAGE(sent.status == 0, sent.err);
    REQUIRE(fresh.enrol(hub).status == 0);
    REQUIRE(fresh.sync().status == 0);
    const std::string every_visit =
        "select count(*), count(distinct hex(id)), min(hex(id)), max(hex(id)) from visit";
    CHECK(wang.read(every_visit).starts_with("10000|10000|"));
    CHECK(fresh.read(every_visit) == wang.read(every_visit));
    CHECK(plain_read(hub.database(), every_visit) == wang.read(every_visit));
    CHECK(wang.status().text("scopes") == fresh.status().text("scopes"));
    for (const Phone* phone : {&wang, &fresh}) {
      CHECK(phone->status().boolean("up_to_date"));
      CHECK(phone->command({"verify"}).status == 0);
    }
    CHECK(hub.command({"verify"}).status == 0);
    const double kept = size_of(wang.file());
    // From here on the phone need not keep its work for a hub that might be restored.
    REQUIRE(hub.command({"backup", folder.file("hub.backup")}).status == 0);
    REQUIRE(wang.sync().status == 0);
    const double plain = plain_size(wang);
    const double writer = size_of(wang.file());
    const double reader = size_of(fresh.file());
    MESSAGE("pending ", before, ", not backed up ", kept, ", synced ", writer, ", fresh ", reader,
            ", plain ", plain, " bytes; synced over plain ", writer / plain, ", fresh over plain ",
            reader / plain);
    CHECK(writer <= 1.05 * plain);
    CHECK(reader <= 1.05 * plain);
  }
};

const std::string columns =
    "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) ";

}  // namespace

TEST_CASE_FIXTURE(LongYear,
                  "ten thousand visits in one transaction reach the hub and a fresh phone, and the "
                  "files shrink to the data") {
  const Finished written = wang.sql(
      columns + "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
      std::to_string(visits) +
      ") select uuid7(), (select id from household), '志愿者' || (i % 7), '2026-11-21', i, "
      "'routine', "
      "'血压较上次平稳，已提醒按时服药，第' || i || '次' from n");
  REQUIRE_MESSAGE(written.status == 0, written.err);
  CHECK(wang.status().number("pending") == 1);
  reach_everyone();
}

TEST_CASE_FIXTURE(LongYear,
                  "ten thousand visits one by one reach the hub and a fresh phone, and the files "
                  "shrink to the data") {
  {
    doorstep::ReplicaOptions options;
    options.synchronous = doorstep::Synchronous::normal;
    const auto replica = doorstep::Replica::open(wang.file(), options);
    REQUIRE(replica.ok());
    for (int i = 1; i <= visits; ++i) {
      const auto written =
          replica.value()->execute(columns +
                                       "select uuid7(), id, '志愿者', '2026-11-21', :i, 'routine', "
                                       "'血压较上次平稳，第' || :i || '次' from household",
                                   {{"i", doorstep::Value::integer(i)}});
      REQUIRE(written.ok());
    }
  }
  CHECK(wang.status().number("pending") == visits);
  reach_everyone();
}
