// The organisation, the register, people who come and go, visits: in each, two phones offline meet.
#include <doctest/doctest.h>

#include "tests/village/village_figures.hpp"
#include "tests/village/village_steps.hpp"

using namespace doorstep::test;

namespace {

std::string insert_resident(const std::string& id, const std::string& household,
                            const std::string& name, const std::string& born) {
  return "insert into resident (id, household_id, name, born) values (x'" + id + "', x'" +
         household + "', '" + name + "', '" + born + "')";
}

}  // namespace

TEST_CASE(
    "village-01-network: skills and terms of one member meet, one volunteer added twice is "
    "proposed") {
  Township township("village-01");
  Volunteer wang(township, "王建国", dushi, "village_secretary");
  Volunteer li(township, "李秀英", dushi, "village_secretary");
  const std::string member = wang.read("select id from member order by id limit 1");
  const std::string it = " where id = x'" + member + "'";
  const std::string before = wang.read("select skills from member" + it);

  // Both offline: each adds a skill to the doctor, one a term, the other a phone number.
  wang.write(
      "update member set skills = '[\"针灸\"]', term_begins_on = '2024-01-01',"
      " term_ends_on = '2028-12-31'" +
      it);
  li.write("update member set phone = '10012345678'" + it);
  li.write("update member set skills = '[\"急救\"]'" + it);
  // And both enter the new volunteer.
  for (Volunteer* one : {&wang, &li}) {
    one->write("insert into member (id, unit_code, name, post, phone) values (uuid7(), '" + dushi +
               "', '向小红', '志愿者', '10087654321')");
  }
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select skills from member" + it) == "[\"急救\",\"针灸\"]");
    CHECK(one->read("select phone, term_begins_on, term_ends_on from member" + it) ==
          "10012345678|2024-01-01|2028-12-31");
    CHECK(one->read("select count(*) from member where name = '向小红'") == "2");
  }
  CHECK(before.find("针灸") == std::string::npos);

  std::string pair;
  for (const Json& one : township.lines({"duplicates"})) {
    if (one.text("table") == "member" && one.number("score") == 100) pair = one.text("id");
  }
  REQUIRE_FALSE(pair.empty());
  township.command({"duplicates", "accept", pair});
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li})
    CHECK(one->read("select count(*) from member where name = '向小红'") == "1");
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-02-register: two edit one household, both keep what they know, and the count is "
    "right") {
  Township township("village-02");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure residents(township, "residents", "2024-W45");
  const std::string home = nth(wang, "household", 0);
  const std::string it = " where id = x'" + home + "'";
  const std::string child = wang.new_id();
  const std::string person =
      wang.read("select id from resident where household_id = x'" + home + "' order by id limit 1");

  wang.write("update household set phone = '10011112222'" + it);
  wang.write(insert_resident(child, home, "向小宝", "2024-10-01"));
  wang.write("update resident set labels = '[\"hardship\"]' where id = x'" + person + "'");
  li.write("update household set address = '独石村3组新屋8号', remarks = '李：门口有狗。'" + it);
  li.write("update resident set labels = '[\"disabled\"]' where id = x'" + person + "'");
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select phone, address from household" + it) == "10011112222|独石村3组新屋8号");
    CHECK(one->read("select remarks like '%门口有狗%' from household" + it) == "1");
    CHECK(one->read("select labels from resident where id = x'" + person + "'") ==
          "[\"disabled\",\"hardship\"]");
    CHECK(one->read("select name from resident where id = x'" + child + "'") == "向小宝");
  }
  residents.check_grown_by(1, {&wang, &li});
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-03-floating: a family leaves for the next village while both sides are offline") {
  Township township("village-03");
  Volunteer wang(township, "王建国");
  Volunteer chen(township, "陈明", next_village);
  Volunteer liu(township, "刘书记", qiaojiang, "township_secretary");
  const WatchedFigure away(township, "away", "2024-W45");
  const WatchedFigure arrived(township, "arrived", "2024-W45");
  const WatchedFigure households(township, "households", "2024-W45");
  const std::string home = nth(wang, "household", 5);
  const std::string it = " where id = x'" + home + "'";
  const std::string worker = wang.new_id();

  // One of the village goes to work in Dongguan, one comes to live here; the township moves a
  // family.
  wang.write(insert_resident(worker, nth(wang, "household", 0), "向远", "1990-02-02"));
  wang.write("insert into outflow (id, resident_id, left_on, destination) values (uuid7(), x'" +
             worker + "', '2024-11-01', '广东东莞')");
  wang.write("insert into inflow (id, village_code, name, origin, arrived_on) values (uuid7(), '" +
             dushi + "', '何安', '怀化市', '2024-11-02')");
  liu.write("update household set village_code = '" + next_village + "'" + it);
  liu.sync();
  // Offline and unaware: the old worker notes a visit, the new one (who has them) an address.
  chen.sync();
  wang.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
      " values (uuid7(), x'" +
      home +
      "', '王建国', '2024-11-05', 1730800000000, 'routine',"
      " '正在收拾行李')");
  chen.write("update household set address = '萝卜田村2组'" + it);
  all_sync({&wang, &chen, &liu});
  CHECK(wang.read("select count(*) from household" + it).compare("0") == 0);
  CHECK(wang.status().departed > 0);
  for (Volunteer* one : {&chen, &liu}) {
    CHECK(one->read("select address from household" + it) == "萝卜田村2组");
    CHECK(one->read("select count(*) from visit where household_id = x'" + home +
                    "' and findings = '正在收拾行李'") == "1");
  }
  away.check_grown_by(1, {&wang, &liu});
  arrived.check_grown_by(1, {&wang, &liu});
  households.check_grown_by(-1, {&wang, &liu});
  check_all_equal(township, {&wang, &liu});
}

TEST_CASE(
    "village-04-visits: two visit one elder on her birthday; both visits stand, the duty is done "
    "once") {
  Township township("village-04");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure visits(township, "visits", "2024-W45");
  const WatchedFigure due(township, "must_visits_due", "2024-W45");
  const WatchedFigure done(township, "must_visits_done", "2024-W45");
  const std::string home = nth(wang, "household", 2);
  const std::string elder = wang.new_id();
  wang.write(insert_resident(elder, home, "向奶奶", "1941-11-06"));
  all_sync({&wang, &li});
  due.check_grown_by(1, {&wang, &li});

  const auto visit = [&](Volunteer& one, const std::string& id, const std::string& day,
                         const std::string& kind) {
    one.write(
        "insert into visit (id, household_id, resident_id, visitor, visited_on, typed_at,"
        " kind) values (x'" +
        id + "', x'" + home + "', x'" + elder + "', '" + one.name() + "', '" + day +
        "', 1730880000000, '" + kind + "')");
    one.write("update household set last_visited = max(coalesce(last_visited, ''), '" + day +
              "') where id = x'" + home + "'");
  };
  visit(wang, wang.new_id(), "2024-11-06", "birthday");
  const std::string wrong = li.new_id();
  visit(li, wrong, "2024-11-05", "birthday");
  // Li corrects hers: it was a routine call, two days later.
  li.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, corrects_id)"
      " values (uuid7(), x'" +
      home + "', '李秀英', '2024-11-07', 1730890000000, 'routine', x'" + wrong + "')");
  all_sync({&wang, &li});
  visits.check_grown_by(2, {&wang, &li});
  done.check_grown_by(1, {&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select count(*) from visit where household_id = x'" + home +
                    "' and visited_on between '2024-11-05' and '2024-11-07' and visitor in"
                    " ('王建国', '李秀英')") == "3");
    CHECK(one->read("select last_visited >= '2024-11-06' from household where id = x'" + home +
                    "'") == "1");
  }
  check_all_equal(township, {&wang, &li});
}

TEST_CASE("village-04-visits: a festival of the next village calls nobody in this one") {
  Township township("village-04-festival");
  Volunteer liu(township, "刘主任", qiaojiang, "township_secretary");
  Volunteer wang(township, "王建国");
  const WatchedFigure due(township, "must_visits_due", "2024-W45");
  const auto call = [&](const std::string& unit, const std::string& name) {
    liu.write("insert into festival (id, unit_code, name, on_date) values (uuid7(), '" + unit +
              "', '" + name + "', '2024-11-06')");
    all_sync({&liu, &wang});
  };
  call(next_village, "庙会");
  due.check_grown_by(0, {&liu, &wang});
  // The township's own is for every household of all its villages.
  call(qiaojiang, "丰收节");
  due.check_grown_by(std::stod(wang.read("select count(*) from household")), {&liu, &wang});
}
