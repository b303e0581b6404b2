// Scenario 5 of the field: a family moves village while both workers are offline. The old worker
// adds a visit, the new one edits the address: both survive; the old phone lets the family go, with
// a note why.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE("scenario-05-a-family-moves-while-both-workers-are-offline") {
  Township township("scenario-05");
  Volunteer wang(township, "王芳");                // of Dushi
  Volunteer li(township, "李秀英", next_village);  // of the other village
  Volunteer liu(township, "刘书记", qiaojiang, "township_secretary");
  const std::string family = wang.new_id();
  const std::string person = wang.new_id();
  const std::string is_family = " where id = uuid('" + family + "')";
  wang.write(
      "insert into household (id, village_code, villager_group, head_name, address) values "
      "(uuid('" +
      family + "'), '" + dushi +
      "', 3, '张建国', '独石村3组'); "
      "insert into resident (id, household_id, name) values (uuid('" +
      person + "'), uuid('" + family + "'), '张小明')");
  all_sync({&wang, &liu, &li});
  CHECK(li.read("select count(*) from household" + is_family) == "0");

  // The secretary records the move; the new worker hears of it and goes out; the old one does not.
  liu.write("update household set village_code = '" + next_village + "'" + is_family);
  all_sync({&liu, &li});
  CHECK(li.read("select head_name from household" + is_family) == "张建国");
  CHECK(li.read("select name from resident where id = uuid('" + person + "')") == "张小明");
  const std::string visit = wang.new_id();
  wang.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values (uuid('" +
      visit + "'), uuid('" + family + "'), '王芳', '2026-03-03', 0, 'illness')");
  wang.write("update resident set phone = '13900000000' where id = uuid('" + person + "')");
  li.write("update household set address = '新村1组'" + is_family);
  CHECK(wang.receipts() == "2 on this phone");
  CHECK(li.receipts() == "1 on this phone");

  all_sync({&wang, &li, &liu});
  CHECK(wang.receipts().empty());
  CHECK(li.receipt("household", family) == "at_township");
  for (Volunteer* one : {&li, &liu}) {
    CHECK(one->read("select address from household" + is_family) == "新村1组");
    CHECK(one->read("select kind from visit where id = uuid('" + visit + "')") == "illness");
    CHECK(one->read("select phone from resident where id = uuid('" + person + "')") ==
          "13900000000");
  }
  CHECK(wang.status().rejected == 0);

  // The old phone let the family go, and says where to.
  CHECK(wang.read("select count(*) from household" + is_family) == "0");
  CHECK(wang.read("select count(*) from visit where household_id = uuid('" + family + "')") == "0");
  CHECK(wang.read("select \"from\", \"to\", why from ds_departed where \"table\" = 'household' and "
                  "id = uuid('" +
                  family + "')") == dushi + "|" + next_village + "|moved");
  const auto departed = wang.replica().departed();
  REQUIRE(departed.ok());
  CHECK(departed->size() >= 2);  // the family and who lives in it
  CHECK(wang.conflicts().empty());
  check_all_equal(township, {&wang, &li, &liu});

  // It moves back: the note goes.
  liu.write("update household set village_code = '" + dushi + "'" + is_family);
  all_sync({&liu, &wang, &li});
  CHECK(wang.read("select address from household" + is_family) == "新村1组");
  CHECK(wang.replica().departed()->empty());
  check_all_equal(township, {&wang, &li, &liu});
}
