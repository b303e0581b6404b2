// What goes wrong in the field without anybody's ill will: a mistyped code, a parent deleted, a hub
// that is filled twice. Real processes.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

struct Village {
  ScratchFolder folder{"mishaps"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  Phone secretary{folder.file("secretary.db"), "Secretary"};

  Village() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    REQUIRE(wang.enrol(hub).status == 0);
    REQUIRE(
        secretary.enrol(hub, hub.enrol("Secretary", "431224103", "township_secretary")).status ==
        0);
    for (const Phone* phone : {&wang, &secretary}) REQUIRE(phone->sync().status == 0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Village,
                  "a mistyped village code: the hub refuses the transaction, the phone keeps it "
                  "and shows its rows as before") {
  const std::string id = wang.read("select hex(id) from household order by id limit 1");
  const std::string village = "select village_code from household where id = x'" + id + "'";
  REQUIRE(wang.sql("update household set village_code = '43122410321' where id = x'" + id + "'")
              .status == 0);
  REQUIRE(wang.sql("update household set phone = 'honest work' where id = x'" + id + "'").status ==
          0);
  const Finished synced = wang.sync();
  REQUIRE_MESSAGE(synced.status == 0, synced.err);
  CHECK(wang.read(village) == dushi);
  CHECK(wang.read("select phone from household where id = x'" + id + "'") == "honest work");
  const auto rejected = json_lines(wang.command({"rejected", "--json"}).out);
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].text("code") == "scope_denied");
  CHECK(rejected[0].text("reason").find("43122410321") != std::string::npos);
  CHECK(wang.status().number("rejected") == 1);
  CHECK(wang.status().number("pending") == 0);
  REQUIRE(secretary.sync().status == 0);
  CHECK(secretary.read(village) == dushi);
}

TEST_CASE_FIXTURE(Village,
                  "a family moves to another village of the township: its phone lets it go, the "
                  "township's has it whole with its visits") {
  const std::string id = wang.read("select hex(household_id) from visit order by id limit 1");
  const std::string count = "select count(*) from visit where household_id = x'" + id + "'";
  const std::string visits = wang.read(count);
  const std::string other =
      secretary.read("select code from org_unit where parent_code = '431224103' and code <> '" +
                     dushi + "' order by code limit 1");
  REQUIRE(other.size() == 12);
  REQUIRE(wang.sql("update household set village_code = '" + other + "' where id = x'" + id + "'")
              .status == 0);
  REQUIRE(wang.sync().status == 0);
  REQUIRE(secretary.sync().status == 0);
  CHECK(wang.read("select count(*) from household where id = x'" + id + "'") == "0");
  CHECK(wang.read(count) == "0");
  CHECK(secretary.read("select village_code from household where id = x'" + id + "'") == other);
  CHECK(secretary.read(count) == visits);
  for (const Phone* phone : {&wang, &secretary}) {
    CHECK(phone->status().boolean("up_to_date"));
    CHECK(phone->command({"verify"}).status == 0);
  }
}

TEST_CASE_FIXTURE(
    Village,
    "a household is deleted while its residents stay: every replica verifies and equals the hub") {
  const std::string id = wang.read("select hex(household_id) from resident order by id limit 1");
  REQUIRE(wang.sql("delete from household where id = x'" + id + "'").status == 0);
  for (const Phone* phone : {&wang, &secretary}) {
    REQUIRE(phone->sync().status == 0);
    CHECK(phone->read("select count(*) from household where id = x'" + id + "'") == "0");
    CHECK(phone->status().boolean("up_to_date"));
    const Finished verified = phone->command({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out);
  }
}

TEST_CASE_FIXTURE(Village, "the sample is not loaded over a hub that has records") {
  const std::string id = wang.read("select hex(id) from household order by id limit 1");
  REQUIRE(wang.sql("update household set phone = 'ours' where id = x'" + id + "'").status == 0);
  REQUIRE(wang.sync().status == 0);
  const Finished again = hub.command({"load", "--sample", "dushi"});
  CHECK(again.status == 1);
  CHECK(again.err.find("already_exists") != std::string::npos);
  CHECK(plain_read(hub.database(), "select phone from household where id = x'" + id + "'") ==
        "ours");
}
