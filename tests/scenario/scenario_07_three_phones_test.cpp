// Three phones, one record: two change the phone number, one another column. The number is one item
// with both values, people and times; its decision reaches every phone, and a fourth value of a
// month ago does not undo it.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

/// One column of one resident.
void change(Volunteer& volunteer, const std::string& column, const std::string& value,
            const std::string& resident) {
  volunteer.write("update resident set " + column + " = '" + value + "' where id = x'" + resident +
                  "'");
}

std::string number_at(Volunteer& volunteer, const std::string& resident) {
  return volunteer.read("select phone from resident where id = x'" + resident + "'");
}

}  // namespace

TEST_CASE("scenario-07-three-phones-one-record") {
  Township township("scenario-07");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  Volunteer zhao(township, "赵敏");
  Volunteer chen(township, "陈芳");
  const std::string household = wang.new_id();
  const std::string resident = wang.new_id();
  wang.write("insert into household (id, village_code, villager_group, head_name) values (x'" +
             household + "', '" + dushi + "', 3, '王大山')");
  wang.write("insert into resident (id, household_id, name, phone) values (x'" + resident +
             "', x'" + household + "', '王大山', '100')");
  all_sync({&wang, &li, &zhao, &chen});

  // Chen goes up the mountain first and writes a number; her phone is silent until the end.
  change(chen, "phone", "13844444444", resident);
  change(wang, "phone", "13811111111", resident);
  change(li, "phone", "13822222222", resident);
  change(zhao, "relation", "户主", resident);
  all_sync({&wang, &li, &zhao});

  // The other column merged by itself; of the numbers the later moment stands.
  for (Volunteer* volunteer : {&wang, &li, &zhao}) {
    CHECK(volunteer->read("select relation, phone from resident where id = x'" + resident + "'") ==
          "户主|13822222222");
  }
  // Wang's number is at the township, though not shown: settled by the rule, nobody must look.
  CHECK(wang.receipt("resident", resident) == "at_township");
  CHECK(li.receipt("resident", resident) == "at_township");
  CHECK(zhao.receipts().empty());
  CHECK(chen.receipts() == "1 on this phone");
  // One item, with both values, people and times, on the phone that lost and at the township.
  REQUIRE(wang.conflicts().size() == 1);
  const ConflictInfo item = wang.conflicts()[0];
  CHECK(item.column == "phone");
  CHECK(item.winner == Value::text("13822222222"));
  CHECK(item.loser == Value::text("13811111111"));
  CHECK(item.winner_author == li.status().device);
  CHECK(item.loser_author == wang.status().device);
  CHECK(item.loser_time < item.winner_time);
  const auto at_hub = township.lines({"conflicts"});
  REQUIRE(at_hub.size() == 1);
  CHECK(at_hub[0].text("winner_name") == "李秀英");
  CHECK(at_hub[0].text("loser_name") == "王建国");

  // The township decides; every phone hears of it.
  township.command({"decide", item.id.hex(), "--keep", "loser"});
  all_sync({&wang, &li, &zhao});
  for (Volunteer* volunteer : {&wang, &li, &zhao}) {
    CHECK(number_at(*volunteer, resident) == "13811111111");
    REQUIRE(volunteer->conflicts().size() == 1);
    CHECK(volunteer->conflicts()[0].state == "decided");
  }

  // Chen is back. Her number is older than the decision: filed, not shown; she is told.
  all_sync({&chen, &wang, &li, &zhao});
  for (Volunteer* volunteer : {&wang, &li, &zhao, &chen}) {
    CHECK(number_at(*volunteer, resident) == "13811111111");
    const auto conflicts = volunteer->conflicts();
    REQUIRE(conflicts.size() == 2);
    CHECK(std::all_of(conflicts.begin(), conflicts.end(),
                      [](const ConflictInfo& one) { return one.state == "decided"; }));
    CHECK(std::any_of(conflicts.begin(), conflicts.end(), [](const ConflictInfo& one) {
      return one.loser == Value::text("13844444444");
    }));
  }
  for (Volunteer* volunteer : {&wang, &li, &zhao, &chen}) CHECK(volunteer->receipts().empty());
  check_all_equal(township, {&wang, &li, &zhao, &chen});
}
