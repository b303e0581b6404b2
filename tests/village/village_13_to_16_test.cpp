// Surveys, the publicity board, the weekly bulletin, certificates: in each, two phones offline
// meet.
#include <doctest/doctest.h>

#include "tests/village/village_figures.hpp"
#include "tests/village/village_steps.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE(
    "village-13-surveys: two ask one elder on two forms; every answer stays, two answers are asked "
    "about") {
  Township township("village-13");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure completed(township, "surveys_completed", "2024-W45");
  const std::string survey = nth(wang, "survey", 0);
  const std::string elder = wang.new_id();
  const std::string response = wang.new_id();
  wang.write("insert into resident (id, household_id, name, born) values (x'" + elder + "', x'" +
             nth(wang, "household", 1) + "', '向爷爷', '1946-01-01')");
  wang.write(
      "insert into survey_response (id, resident_id, survey_id, form_version, interviewer,"
      " interviewed_on) values (x'" +
      response + "', x'" + elder + "', x'" + survey + "', 1, '王建国', '2024-11-04')");
  const std::string meals = wang.new_id();
  wang.write("insert into survey_answer (id, response_id, question, answer) values (x'" + meals +
             "', x'" + response + "', 'meals', '2')");
  all_sync({&wang, &li});
  // Wang, on the old form, corrects an answer; Li, on the new one, the same and one that he lacks.
  wang.write("update survey_answer set answer = '3' where id = x'" + meals + "'");
  li.write("update survey_answer set answer = '4' where id = x'" + meals + "'");
  li.write("insert into survey_answer (id, response_id, question, answer) values (uuid7(), x'" +
           response + "', 'wish', '有人说说话')");
  li.write("update survey_response set form_version = 2, completed = 1 where id = x'" + response +
           "'");
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select form_version, completed, interviewed_on from survey_response where id ="
                    " x'" +
                    response + "'") == "2|1|2024-11-04");
    CHECK(one->read("select answer from survey_answer where response_id = x'" + response +
                    "' and question = 'wish'") == "有人说说话");
    REQUIRE(one->status().conflicts_open == 1);
  }
  const auto open = wang.conflicts();
  REQUIRE_FALSE(open.empty());
  CHECK(open[0].column == "answer");
  REQUIRE(wang.replica().decide(open[0].id, Choice{Value::text("3")}).ok());
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select answer from survey_answer where id = x'" + meals + "'") == "3");
    CHECK(one->status().conflicts_open == 0);
  }
  completed.check_grown_by(1, {&wang, &li});
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-14-publicity: a statement names what it was made from, an opinion is answered while "
    "more is said") {
  Township township("village-14");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  Volunteer wang(township, "王建国");
  const WatchedFigure waiting(township, "opinions_open", "2024-W45");
  const auto printed =
      township.lines({"report", "publicity", "--scope", dushi, "--month", "2024-10"});
  REQUIRE(printed.size() == 1);
  const std::string digest = printed[0].text("digest");
  const std::string position = printed[0].text("position");
  CHECK(digest.size() == 32);
  const std::string statement = liu.new_id();
  liu.write(
      "insert into statement (id, village_code, month, topic, figures, hub_position, digest,"
      " posted_on) values (x'" +
      statement + "', '" + dushi + "', '2024-10', 'fund', '{}', " + position + ", '" + digest +
      "', '2024-11-04')");
  all_sync({&liu, &wang});
  const std::string opinion = wang.new_id();
  wang.write(
      "insert into opinion (id, village_code, statement_id, raised_on, content, state) values"
      " (x'" +
      opinion + "', '" + dushi + "', x'" + statement +
      "', '2024-11-05', '十月的两笔支出是给谁的？', 'raised')");
  all_sync({&wang, &liu});
  waiting.check_grown_by(1, {&liu, &wang});
  // The secretary answers while Wang, offline, adds what else was asked.
  liu.write(
      "update opinion set state = 'answered', answered_on = '2024-11-06', answer = '给了两户住院的'"
      " where id = x'" +
      opinion + "'");
  wang.write("update opinion set content = content || ' 还有九月的呢？' where id = x'" + opinion +
             "'");
  all_sync({&wang, &liu});
  for (Volunteer* one : {&liu, &wang}) {
    CHECK(one->read("select state, answer from opinion where id = x'" + opinion + "'") ==
          "answered|给了两户住院的");
    CHECK(one->read("select content like '%九月%' from opinion where id = x'" + opinion + "'") ==
          "1");
    CHECK(one->read("select digest from statement where id = x'" + statement + "'") == digest);
  }
  waiting.check_grown_by(0, {&liu, &wang});
}

TEST_CASE(
    "village-15-bulletin: the week's figures are the same on every replica, last week beside "
    "them") {
  Township township("village-15");
  Volunteer wang(township, "王建国", dushi, "village_secretary");
  Volunteer li(township, "李秀英", dushi, "village_secretary");
  const WatchedFigure this_week(township, "visits", "2024-W46");
  const WatchedFigure last_week(township, "visits", "2024-W45");
  const WatchedFigure homes(township, "households_visited", "2024-W46");
  const auto visit = [](Volunteer& one, const std::string& home, const std::string& day) {
    one.write(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values"
        " (uuid7(), x'" +
        home + "', '" + one.name() + "', '" + day + "', 1731400000000, 'routine')");
  };
  // A house that nobody else visits in that week.
  const std::string quiet = wang.new_id();
  wang.write("insert into household (id, village_code, villager_group, head_name) values (x'" +
             quiet + "', '" + dushi + "', 2, '新来的一户')");
  all_sync({&wang, &li});
  visit(wang, quiet, "2024-11-11");  // a Monday
  visit(li, quiet, "2024-11-17");    // the Sunday
  visit(li, quiet, "2024-11-10");    // typed late: it belongs to the week before
  all_sync({&wang, &li});
  this_week.check_grown_by(2, {&wang, &li});
  last_week.check_grown_by(1, {&wang, &li});
  homes.check_grown_by(1, {&wang, &li});

  const auto printed = township.lines({"report", "weekly", "--scope", dushi, "--week", "2024-W46"});
  REQUIRE(printed.size() == 1);
  CHECK(printed[0].text("previous") == "2024-W45");
  const auto unit = printed[0].items("units");
  REQUIRE(unit.size() == 1);
  CHECK(Json(unit[0].text("before")).number("visits") ==
        static_cast<std::int64_t>(township_figure(township, "visits", "2024-W45")));
  // The township above it counts the village in, and its figure is the sum.
  const auto above =
      township.lines({"report", "weekly", "--scope", qiaojiang, "--week", "2024-W46"});
  REQUIRE(above.size() == 1);
  CHECK(Json(above[0].items("units").at(0).text("now")).number("visits") ==
        Json(unit[0].text("now")).number("visits"));
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-16-certificates: delivered by one and issued again by another, it stays delivered") {
  Township township("village-16");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure open(township, "certificates_open", "2024-W45");
  const WatchedFigure delivered(township, "certificates_delivered", "2024-W45");
  const std::string paper = wang.new_id();
  const std::string it = " where id = x'" + paper + "'";
  wang.write("insert into certificate (id, resident_id, kind, requested_on, state) values (x'" +
             paper + "', x'" + nth(wang, "resident", 20) +
             "', 'elder_card', '2024-11-01', 'requested')");
  all_sync({&wang, &li});
  open.check_grown_by(1, {&wang, &li});
  wang.write(
      "update certificate set state = 'delivered', delivered_on = '2024-11-06',"
      " delivered_by = '王建国'" +
      it);
  li.write(
      "update certificate set state = 'issued', issued_on = '2024-11-04', number = '43120077'" +
      it);
  all_sync({&wang, &li});
  all_sync({&li, &wang});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select state, number, issued_on, delivered_on, delivered_by from certificate" +
                    it) == "delivered|43120077|2024-11-04|2024-11-06|王建国");
  }
  open.check_grown_by(0, {&wang, &li});
  delivered.check_grown_by(1, {&wang, &li});
  check_all_equal(township, {&wang, &li});
}
