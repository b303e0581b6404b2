// Real programs on phones whose wall clocks are years off, or fall to 1970 between two commands.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>

#include "engine/core/time.hpp"
#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

constexpr std::int64_t year_ms = std::int64_t{365} * 24 * 3'600'000;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

struct WrongClocks {
  std::string began = doorstep::to_rfc3339({now_ms()});
  ScratchFolder folder{"clocks"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang", -3 * year_ms};
  Phone li{folder.file("li.db"), "Li", 2 * year_ms};
  Phone chen{folder.file("chen.db"), "Chen"};
  Phone chen_1970{folder.file("chen.db"), "Chen", -now_ms()};  // the same phone after noon

  WrongClocks() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    for (const Phone* phone : {&wang, &li, &chen}) {
      const Finished enrolled = phone->enrol(hub);
      REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
      REQUIRE(phone->sync().status == 0);
    }
  }

  [[nodiscard]] std::string household(int number) const {
    return chen.read("select hex(id) from household order by id limit 1 offset " +
                     std::to_string(number));
  }
  /// A day's work passes before it: moments lie as far apart as this machine is slow.
  static void says(const Phone& phone, const std::string& household, const std::string& value) {
    for (int i = 0; i < 5; ++i) {
      const Finished visit = phone.sql(
          "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values "
          "(uuid7(), x'" +
          household + "', '" + phone.name() + "', '2026-11-21', 0, 'day')");
      REQUIRE_MESSAGE(visit.status == 0, visit.err);
    }
    const Finished done =
        phone.sql("update household set phone = '" + value + "' where id = x'" + household + "'");
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  void all_sync() const {
    for (int round = 0; round < 2; ++round) {
      for (const Phone* phone : {&wang, &li, &chen_1970}) {
        const Finished synced = phone->sync();
        REQUIRE_MESSAGE(synced.status == 0, synced.err);
      }
    }
  }
  void check_everywhere(const std::string& household, const std::string& value) const {
    const std::string select = "select phone from household where id = x'" + household + "'";
    for (const Phone* phone : {&wang, &li, &chen_1970}) CHECK(phone->read(select) == value);
    CHECK(plain_read(hub.database(), select) == value);
  }
  void check_all_well() const {
    for (const Phone* phone : {&wang, &li, &chen_1970}) {
      const Json status = phone->status();
      CHECK(status.number("pending") == 0);
      CHECK(status.number("rejected") == 0);
      CHECK_MESSAGE(status.boolean("up_to_date"), status.source());
      CHECK(status.text("scopes") == wang.status().text("scopes"));
      CHECK(phone->command({"verify"}).status == 0);
    }
    CHECK(hub.command({"verify"}).status == 0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    WrongClocks,
    "three years behind, two years ahead, 1970 since noon: all programs work, and who "
    "wrote last stands") {
  says(li, household(0), "Li first");
  says(wang, household(0), "Wang last");
  says(wang, household(1), "Wang first");
  says(li, household(1), "Li last");
  says(chen, household(2), "Chen in the morning");
  says(wang, household(2), "Wang last");
  says(li, household(3), "Li first");
  says(chen_1970, household(3), "Chen last, in 1970");
  says(chen, household(4), "Chen in the morning");
  says(chen_1970, household(4), "Chen in the afternoon");
  says(chen_1970, household(5), "Chen in 1970");
  says(chen, household(5), "Chen with the right clock again");
  all_sync();
  check_everywhere(household(0), "Wang last");
  check_everywhere(household(1), "Li last");
  check_everywhere(household(2), "Wang last");
  check_everywhere(household(3), "Chen last, in 1970");
  check_everywhere(household(4), "Chen in the afternoon");
  check_everywhere(household(5), "Chen with the right clock again");

  const auto conflicts = json_lines(hub.command({"conflicts", "--json"}).out);
  CHECK(conflicts.size() == 4);  // nobody meets oneself
  const std::string ended = doorstep::to_rfc3339({now_ms()});
  for (const Json& conflict : conflicts) {
    CHECK(conflict.text("loser_at") > began);
    CHECK(conflict.text("loser_at") < conflict.text("winner_at"));
    CHECK(conflict.text("winner_at") < ended);
  }
  check_all_well();
}

TEST_CASE_FIXTURE(WrongClocks,
                  "a phone is enrolled while it says 1970, and the township sees every clock") {
  const Phone zhao(folder.file("zhao.db"), "Zhao", -now_ms());
  const Finished enrolled = zhao.enrol(hub);
  REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
  REQUIRE(zhao.sync().status == 0);
  says(zhao, household(0), "Zhao");
  REQUIRE(zhao.sync().status == 0);
  all_sync();
  check_everywhere(household(0), "Zhao");
  check_all_well();
  hub.stop();  // writes down what phones said of themselves
  const auto near = [](std::int64_t shown, std::int64_t expected) {
    return std::abs(shown - expected) < 120'000;
  };
  int seen = 0;
  for (const Json& device : json_lines(hub.command({"devices", "--json"}).out)) {
    const std::string name = device.text("name");
    const std::int64_t expected = name == "Wang" ? -3 * year_ms
                                  : name == "Li" ? 2 * year_ms
                                                 : -now_ms();
    CHECK_MESSAGE(near(device.number("clock_offset_ms"), expected), device.source());
    seen += 1;
  }
  CHECK(seen == 4);
  CHECK(near(zhao.status().number("clock_offset_ms"), -now_ms()));
}
