// A replica file that was copied to a second phone, a phone that was set back to its backup, and
// one that was lost: real files, a real hub, the commands that people type.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct PhoneShop {
  ScratchFolder folder{"phone-shop"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "王秀兰"};
  Phone li{folder.file("li.db"), "李建国"};

  PhoneShop() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    hub.serve();
    for (const Phone* phone : {&wang, &li}) REQUIRE(phone->enrol(hub).status == 0);
  }
  /// Wang's phone as it is now, on another one.
  Phone copied(const std::string& file) const {
    for (const char* part : {"", "-wal"}) {
      if (std::filesystem::exists(wang.file() + part)) {
        std::filesystem::copy_file(wang.file() + part, folder.file(file) + part,
                                   std::filesystem::copy_options::overwrite_existing);
      }
    }
    return {folder.file(file), "王秀兰"};
  }
  [[nodiscard]] std::vector<Json> devices() const {
    std::vector<Json> found;
    for (Json& device : json_lines(hub.command({"devices", "--json"}).out)) {
      if (device.text("name") == "王秀兰") found.push_back(std::move(device));
    }
    return found;
  }
  [[nodiscard]] std::vector<Json> quarantine() const {
    return json_lines(hub.command({"quarantine", "--json"}).out);
  }
};

void add_household(const Phone& phone, const std::string& head) {
  const Finished done = phone.sql(
      "insert into household (id, village_code, villager_group, head_name) values "
      "(uuid7(), '" +
      dushi + "', 1, '" + head + "')");
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

Json synced(const Phone& phone) {
  const Finished done = phone.sync();
  REQUIRE_MESSAGE(done.status == 0, done.err);
  return last_json(done);
}

const std::string heads =
    "select group_concat(head_name, ' ') from (select head_name from "
    "household order by head_name)";

}  // namespace

TEST_CASE_FIXTURE(PhoneShop,
                  "a replica file is copied to a second phone and both work offline: the second "
                  "to sync goes on as a phone of its own, its unsent work waits and is sent again, "
                  "nothing is lost or doubled") {
  add_household(wang, "Chen");
  synced(wang);
  const Phone copy = copied("copy.db");
  add_household(wang, "Deng");
  add_household(copy, "Fang");
  REQUIRE(copy.sql("update household set phone = '139' where head_name = 'Chen'").status == 0);

  CHECK(synced(wang).number("forks") == 0);
  const std::string one = wang.status().text("device");
  const Json report = synced(copy);
  CHECK(report.boolean("up_to_date"));
  CHECK(report.number("forks") == 1);
  CHECK(report.number("set_aside") == 2);
  CHECK(copy.status().text("device") != one);
  CHECK(copy.status().boolean("up_to_date"));
  CHECK(copy.status().number("pending") == 0);
  CHECK(copy.read(heads) == "Chen Deng");

  const auto fleet = devices();
  REQUIRE(fleet.size() == 2);
  const Json& original = fleet[0].text("device") == one ? fleet[0] : fleet[1];
  const Json& successor = fleet[0].text("device") == one ? fleet[1] : fleet[0];
  CHECK_FALSE(original.has("predecessor"));
  CHECK(original.number("merged") == 2);
  CHECK(successor.text("predecessor") == one);
  CHECK(successor.text("device") == copy.status().text("device"));
  CHECK(quarantine().size() == 2);
  CHECK(plain_read(hub.database(), heads) == "Chen Deng");

  const auto rejected = json_lines(copy.command({"rejected", "--json"}).out);
  REQUIRE(rejected.size() == 2);
  for (const Json& one_of_two : rejected) {
    CHECK(one_of_two.text("code") == "device_forked");
    CHECK(one_of_two.text("outcome") == "quarantined");
    const Finished again = copy.command({"rejected", "retry", one_of_two.text("sequence")});
    REQUIRE_MESSAGE(again.status == 0, again.err);
  }
  synced(copy);
  CHECK(json_lines(copy.command({"rejected", "--json"}).out).empty());
  for (const Phone* phone : {&wang, &li}) synced(*phone);
  for (const Phone* phone : std::vector<const Phone*>{&wang, &li, &copy}) {
    CHECK(phone->read(heads) == "Chen Deng Fang");
    CHECK(phone->read("select phone from household where head_name = 'Chen'") == "139");
    CHECK(phone->status().boolean("up_to_date"));
  }
  CHECK(plain_read(hub.database(), heads) == "Chen Deng Fang");
  CHECK(plain_read(hub.database(), "select count(*) from ds_conflict") == "0");
  CHECK(hub.command({"verify"}).status == 0);
  CHECK(synced(copy).number("forks") == 0);
  CHECK(devices().size() == 2);
}

TEST_CASE_FIXTURE(PhoneShop,
                  "C5: set-aside work lies on two copies and both send it again: the boxes are "
                  "counted once, and the second is told that they are there") {
  REQUIRE(wang.sql("insert into supply (id, village_code, name, stock) values (uuid7(), '" + dushi +
                   "', 'rice', 10)")
              .status == 0);
  synced(wang);
  const Phone copy = copied("copy.db");
  add_household(wang, "Deng");
  synced(wang);
  REQUIRE(copy.sql("update supply set stock = stock + 5, given = 2").status == 0);
  CHECK(synced(copy).number("set_aside") == 1);
  REQUIRE(quarantine().size() == 1);
  std::filesystem::copy_file(copy.file(), folder.file("second.db"));
  const Phone second(folder.file("second.db"), "王秀兰");

  REQUIRE(copy.command({"rejected", "retry", "--all"}).status == 0);
  synced(copy);
  CHECK(quarantine().empty());
  CHECK(json_lines(hub.command({"quarantine", "--all", "--json"}).out)[0].text("state") ==
        "resent");
  REQUIRE(second.command({"rejected", "retry", "--all"}).status == 0);
  synced(second);
  // A copy of the copy: what it wrote is set aside first, and sent again under its own name.
  REQUIRE(second.command({"rejected", "retry", "--all"}).status == 0);
  synced(second);
  const auto left = json_lines(second.command({"rejected", "--json"}).out);
  REQUIRE(left.size() == 1);
  CHECK(left[0].text("code") == "already_resent");
  CHECK(left[0].text("message").find("sent again before") != std::string::npos);

  synced(li);
  const std::string stock = "select stock || ' ' || given from supply";
  CHECK(plain_read(hub.database(), stock) == "15 2");
  for (const Phone* phone : std::vector<const Phone*>{&li, &copy, &second})
    CHECK(phone->read(stock) == "15 2");
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    PhoneShop,
    "a phone is set back to its backup and calls before it is written to: it goes on "
    "as a phone of its own, nothing waits for anybody, and it is told in plain words") {
  add_household(wang, "Chen");
  synced(wang);
  add_household(wang, "Deng");  // in the backup not yet sent
  const Phone backup = copied("backup.db");
  synced(wang);
  add_household(wang, "Fang");
  synced(wang);

  const Finished done = backup.command({"sync"});
  REQUIRE_MESSAGE(done.status == 0, done.err);
  CHECK(done.out.find("copy of another") != std::string::npos);
  CHECK(done.out.find("Nothing was only here") != std::string::npos);
  CHECK(done.out.find("Up to date.") != std::string::npos);
  CHECK(quarantine().empty());
  CHECK(backup.status().number("rejected") == 0);
  CHECK(backup.read(heads) == "Chen Deng Fang");
  add_household(backup, "Gu");
  CHECK(synced(backup).number("rejected") == 0);
  synced(li);
  CHECK(li.read(heads) == "Chen Deng Fang Gu");
}

TEST_CASE_FIXTURE(PhoneShop,
                  "a lost phone calls: what was written on it waits for a person at the township, "
                  "it gets nothing, and it is told that it was reported lost") {
  add_household(wang, "Chen");
  synced(wang);
  add_household(wang, "Deng");
  add_household(li, "Fang");
  synced(li);
  REQUIRE(hub.command({"revoke", "王秀兰", "--lost"}).status == 0);
  const Finished refused = wang.sync();
  CHECK(refused.status == 1);
  CHECK(refused.err.find("[device_lost]") != std::string::npos);
  REQUIRE(quarantine().size() == 1);
  CHECK(quarantine()[0].source().find("device_lost") != std::string::npos);
  CHECK(plain_read(hub.database(), heads) == "Chen Fang");
  CHECK(wang.read(heads) == "Chen");
  CHECK(wang.status().number("pending") == 0);
  CHECK(wang.status().number("rejected") == 1);
}
