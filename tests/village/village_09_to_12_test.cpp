// Insurance, supplies and events, inspections, projects: in each, two phones offline meet.
#include <doctest/doctest.h>

#include "tests/village/village_figures.hpp"
#include "tests/village/village_steps.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE(
    "village-09-insurance: one stay entered twice is proposed as one, and its days are paid once") {
  Township township("village-09");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  Volunteer shu(township, "舒会计", dushi, "village_secretary");
  const WatchedFigure subsidy(township, "nursing_subsidy_fen", "2024-W45");
  const WatchedFigure claims(township, "claims_fen", "2024-W45");
  const std::string patient = nth(liu, "resident", 9);
  const auto enter = [&](Volunteer& one, const std::string& stay) {
    one.write(
        "insert into hospital_stay (id, resident_id, hospital, admitted_on, discharged_on,"
        " nursing_days) values (x'" +
        stay + "', x'" + patient + "', '县人民医院', '2024-10-28', '2024-11-02', 5)");
  };
  const std::string first = liu.new_id();
  const std::string second = shu.new_id();
  enter(liu, first);
  enter(shu, second);
  all_sync({&liu, &shu});
  std::string pair;
  for (const Json& one : township.lines({"duplicates"})) {
    const bool ours = one.text("first") == first || one.text("second") == first;
    if (one.text("table") == "hospital_stay" && ours) pair = one.text("id");
  }
  REQUIRE_FALSE(pair.empty());
  township.command({"duplicates", "accept", pair, "--survivor", first});
  all_sync({&liu, &shu});
  CHECK(shu.read("select count(*) from hospital_stay where resident_id = x'" + patient +
                 "' and admitted_on = '2024-10-28'") == "1");

  // Both pay the five days, 500 yuan, offline: the second payment is refused with the rule's words.
  const auto pay = [&](Volunteer& one, const std::string& kind, int fen) {
    one.write(
        "insert into claim_payment (id, stay_id, kind, paid_on, amount_fen) values (uuid7(),"
        " x'" +
        first + "', '" + kind + "', '2024-11-06', " + std::to_string(fen) + ")");
  };
  pay(liu, "nursing_subsidy", 50'000);
  pay(liu, "insurance", 120'000);
  pay(shu, "nursing_subsidy", 50'000);
  (void)liu.sync();
  (void)shu.sync();
  CHECK(give_up_refused(shu).find("100") != std::string::npos);
  all_sync({&liu, &shu});
  subsidy.check_grown_by(50'000, {&liu, &shu});
  claims.check_grown_by(120'000, {&liu, &shu});
  check_all_equal(township, {&liu, &shu});
}

TEST_CASE("village-10-supplies: three count at one table, whatever is sent again adds up once") {
  Township township("village-10");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  Volunteer chen(township, "陈明");
  const WatchedFigure given(township, "supplies_given", "2024-W45");
  const WatchedFigure stock(township, "supplies_in_stock", "2024-W45");
  const std::string boxes = " where id = x'" + nth(wang, "supply", 0) + "'";
  const std::string event = wang.new_id();
  wang.write("insert into event (id, unit_code, name, held_on) values (x'" + event + "', '" +
             dushi + "', '5·29会员日', '2024-11-05')");
  all_sync({&wang, &li, &chen});
  int sum = 0;
  for (int round = 1; round <= 3; ++round) {
    for (Volunteer* one : {&wang, &li, &chen}) {
      const int count = 3 * round + static_cast<int>(one->name().size());
      sum += count;
      const std::string n = std::to_string(count);
      one->write("update supply set stock = stock - " + n + ", given = given + " + n + boxes);
      one->write("update event set boxes_given = coalesce(boxes_given, 0) + " + n +
                 ", helpers = '[\"" + one->name() + "\"]' where id = x'" + event + "'");
    }
    (void)li.sync();
  }
  all_sync({&wang, &li, &chen});
  for (Volunteer* one : {&wang, &li, &chen}) {
    CHECK(one->read("select boxes_given from event where id = x'" + event + "'") ==
          std::to_string(sum));
    const std::string helpers = one->read("select helpers from event where id = x'" + event + "'");
    for (const char* name : {"王建国", "李秀英", "陈明"})
      CHECK(helpers.find(name) != std::string::npos);
  }
  given.check_grown_by(sum, {&wang, &li, &chen});
  stock.check_grown_by(-sum, {&wang, &li, &chen});
  check_all_equal(township, {&wang, &li, &chen});
}

TEST_CASE("village-11-hygiene: two inspectors score one house; both stand, the mean is published") {
  Township township("village-11");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure inspected(township, "homes_inspected", "2025Q1");
  const std::string home = nth(wang, "household", 4);
  const auto score = [&](Volunteer& one, const std::string& id, int points,
                         const std::string& corrects) {
    one.write(
        "insert into inspection (id, household_id, quarter, inspector, inspected_on, score,"
        " corrects_id) values (x'" +
        id + "', x'" + home + "', '2025Q1', '" + one.name() + "', '2025-02-11', " +
        std::to_string(points) + ", " + (corrects.empty() ? "null" : "x'" + corrects + "'") + ")");
  };
  const std::string wrong = li.new_id();
  score(wang, wang.new_id(), 90, "");
  score(li, wrong, 8, "");
  score(li, li.new_id(), 80, wrong);  // a digit was missing
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select count(*) from inspection where household_id = x'" + home +
                    "' and quarter = '2025Q1'") == "3");
    CHECK(phone_figure(*one, "hygiene_mean", "2025Q1") == doctest::Approx(85));
  }
  CHECK(township_figure(township, "hygiene_mean", "2025Q1") == doctest::Approx(85));
  inspected.check_grown_by(1, {&wang, &li});
  // A score that cannot be is refused, and what both gave stands.
  score(wang, wang.new_id(), 101, "");
  (void)wang.sync();
  CHECK(give_up_refused(wang).find("100") != std::string::npos);
  all_sync({&wang, &li});
  CHECK(township_figure(township, "hygiene_mean", "2025Q1") == doctest::Approx(85));
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-12-projects: gates pass in order, and an objection taken down offline blocks the "
    "payment") {
  Township township("village-12");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  Volunteer wang(township, "王建国");
  const WatchedFigure open(township, "projects_open", "2024-W45");
  const WatchedFigure blocked(township, "projects_blocked", "2024-W45");
  const std::string project = liu.new_id();
  const std::string it = " where id = x'" + project + "'";
  liu.write(
      "insert into project (id, village_code, household_id, kind, purpose, amount_fen,"
      " applied_on, state) values (x'" +
      project + "', '" + dushi + "', x'" + nth(liu, "household", 6) +
      "', 'loan_interest', '养牛', 200000, '2024-10-01', 'applied')");
  all_sync({&liu, &wang});
  // Wang's phone says voted before anybody has surveyed: out of order.
  wang.write(
      "update project set state = 'voted', voted_on = '2024-10-12', votes_for = 30,"
      " votes_against = 4" +
      it);
  (void)wang.sync();
  CHECK(give_up_refused(wang).find("入户调查") != std::string::npos);
  wang.write(
      "update project set state = 'surveyed', surveyed_on = '2024-10-08', surveyed_by = '王建国'" +
      it);
  all_sync({&wang, &liu});
  liu.write(
      "update project set state = 'publicised', voted_on = '2024-10-12', votes_for = 30,"
      " votes_against = 4, public_from = '2024-10-14', public_until = '2024-10-21'" +
      it);
  all_sync({&liu, &wang});
  open.check_grown_by(1, {&liu, &wang});

  // During the publicity Wang takes an objection down without a signal; the secretary pays.
  const std::string objection = wang.new_id();
  wang.write("insert into objection (id, project_id, raised_on, raised_by, reason) values (x'" +
             objection + "', x'" + project + "', '2024-10-20', '一位村民', '牛不是他家的')");
  (void)wang.sync();
  liu.write("update project set state = 'paid', paid_on = '2024-10-25', paid_fen = 200000" + it);
  (void)liu.sync();
  CHECK(give_up_refused(liu).find("异议") != std::string::npos);
  all_sync({&liu, &wang});
  CHECK(wang.read("select state from project" + it) == "publicised");
  blocked.check_grown_by(1, {&liu, &wang});

  liu.write(
      "update objection set settled_on = '2024-10-28', settlement = '查实是他家的'"
      " where id = x'" +
      objection + "'");
  liu.write("update project set state = 'paid', paid_on = '2024-10-29', paid_fen = 200000" + it);
  all_sync({&liu, &wang});
  CHECK(wang.read("select state, paid_fen from project" + it) == "paid|200000");
  blocked.check_grown_by(0, {&liu, &wang});
  open.check_grown_by(0, {&liu, &wang});
  check_all_equal(township, {&wang});
}
