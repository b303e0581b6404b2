// What a restored hub meets: a copied phone, a phone whose file broke, and a backup that is given
// the hub's own name. With the real programs.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct OilStore {
  ScratchFolder folder{"restored-meets"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  std::string backup = folder.file("backup.db");

  OilStore() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    REQUIRE(wang.enrol(hub).status == 0);
    write(wang, "insert into supply (id, village_code, name, stock) values (uuid7(), '" + dushi +
                    "', 'oil', 1000)");
    sync(wang);
    sync(wang);
    REQUIRE(hub.command({"backup", backup}).status == 0);
  }
  void restore() {
    hub.kill();
    const Finished done = hub.command({"restore", backup});
    REQUIRE_MESSAGE(done.status == 0, done.err);
    hub.serve();
  }
  static void sync(const Phone& phone) {
    const Finished done = phone.sync();
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  static void write(const Phone& phone, const std::string& sql) {
    const Finished done = phone.sql(sql);
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  static void take(const Phone& phone, int litres) {
    write(phone,
          "update supply set stock = stock - " + std::to_string(litres) + " where name = 'oil'");
  }
  [[nodiscard]] std::string stock() const {
    return plain_read(hub.database(), "select stock from supply where name = 'oil'");
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    OilStore,
    "a phone and its copy both had work that the lost hub held or not: the copy calls "
    "the restored hub first, and what the phone had sent waits and is sent again") {
  take(wang, 1);
  sync(wang);
  std::filesystem::copy_file(wang.file(), folder.file("copy.db"));
  const Phone copy(folder.file("copy.db"), "Wang");
  take(wang, 10);
  sync(wang);
  take(copy, 100);
  restore();
  sync(copy);
  sync(wang);
  CHECK(stock() == "899");
  const auto set_aside = json_lines(wang.command({"rejected", "--json"}).out);
  REQUIRE(set_aside.size() == 1);
  CHECK(set_aside[0].text("code") == "device_forked");
  REQUIRE(wang.command({"rejected", "retry", "--all"}).status == 0);
  sync(wang);
  sync(copy);
  CHECK(stock() == "889");
  for (const Phone* phone : std::vector<const Phone*>{&wang, &copy})
    CHECK(phone->read("select stock from supply where name = 'oil'") == "889");
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    OilStore,
    "a phone was rescued, and then the hub is restored to before that: what the phone "
    "no longer holds is listed, and its new work goes on") {
  for (int day = 1; day <= 3; ++day) take(wang, 10);
  sync(wang);
  {
    std::fstream file(wang.file(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(std::streamoff{20} * 4096);
    file << std::string(4096, '\0');
  }
  const Json rescued = last_json(wang.command({"rescue", "--json"}));
  CHECK_FALSE(rescued.text("damage").empty());
  sync(wang);
  take(wang, 1);
  sync(wang);
  CHECK(stock() == "969");
  restore();
  take(wang, 2);
  sync(wang);
  sync(wang);
  CHECK(stock() == "997");
  CHECK(wang.read("select stock from supply where name = 'oil'") == "997");
  CHECK(wang.status().boolean("up_to_date"));
  CHECK(wang.status().number("pending") == 0);
  // The three of before the rescue are gone with the hub: their numbers are listed, and the row.
  const std::string listed = hub.command({"restored"}).out;
  CHECK(listed.find("2-4") != std::string::npos);
  CHECK(listed.find("stock=969") != std::string::npos);
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    OilStore,
    "a hub's file was exchanged, and a phone calls with a long report: one call is enough") {
  take(wang, 1);
  sync(wang);
  hub.kill();
  for (const char* const log : {"-wal", "-shm"}) std::filesystem::remove(hub.database() + log);
  std::filesystem::copy_file(backup, hub.database(),
                             std::filesystem::copy_options::overwrite_existing);
  hub.serve();
  write(wang,
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
        "select uuid7(), id, 'Wang', '2026-03-03', 0, 'festival', hex(randomblob(200000)) "
        "from household limit 1");
  const Finished called = wang.command({"sync", "--attempts", "1"});
  CHECK_MESSAGE(called.status == 0, called.err);
  CHECK(stock() == "999");
  CHECK(plain_read(hub.database(), "select max(length(findings)) from visit") == "400000");
}

TEST_CASE_FIXTURE(OilStore, "a backup never takes the place of the hub's own files") {
  take(wang, 1);
  sync(wang);
  for (const std::string own : {"hub/hub.db", "hub/../hub/hub.db-wal", "hub"}) {
    const Finished refused = hub.command({"backup", folder.file(own)});
    CHECK(refused.status == 2);
    CHECK(refused.err.find("name a") != std::string::npos);
  }
  std::filesystem::create_symlink(hub.database(), folder.file("link.db"));
  CHECK(hub.command({"backup", folder.file("link.db")}).status == 2);
  CHECK(hub.command({"backup", folder.file("hub/monday.db")}).status == 0);
  take(wang, 1);
  sync(wang);
  CHECK(stock() == "998");
  CHECK(hub.command({"verify"}).status == 0);
}
