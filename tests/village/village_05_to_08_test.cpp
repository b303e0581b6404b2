// Elder care, left-behind children, the service menu, the fund: in each, two phones offline meet.
#include <doctest/doctest.h>

#include "tests/village/village_figures.hpp"
#include "tests/village/village_steps.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE(
    "village-05-elder-care: two checks of one elder stand side by side, one entered late counts "
    "where it belongs") {
  Township township("village-05");
  Volunteer wang(township, "王建国");
  Volunteer doctor(township, "舒医生");
  const WatchedFigure checked(township, "checks_done", "2023H2");
  const WatchedFigure helps(township, "helps_given", "2024-W45");
  const std::string elder = nth(wang, "resident", 0, "born < '1950-01-01'");
  const auto check = [&](Volunteer& one, int systolic) {
    one.write(
        "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg,"
        " diastolic_mmhg) values (uuid7(), x'" +
        elder + "', '2023-12-20', '2023H2', " + std::to_string(systolic) + ", 84)");
  };
  // A year late, both type the paper of one half-year: two measurements, one elder checked.
  check(wang, 151);
  check(doctor, 148);
  wang.write(
      "insert into help_given (id, resident_id, kind, given_on, helper, minutes) values"
      " (uuid7(), x'" +
      elder + "', 'washing', '2024-11-05', '王建国', 40)");
  all_sync({&wang, &doctor});
  for (Volunteer* one : {&wang, &doctor}) {
    CHECK(one->read("select systolic_mmhg from health_check where resident_id = x'" + elder +
                    "' and half_year = '2023H2' order by systolic_mmhg") == "148\n151");
  }
  checked.check_grown_by(1, {&wang, &doctor});
  helps.check_grown_by(1, {&wang, &doctor});
  check_all_equal(township, {&wang, &doctor});
}

TEST_CASE(
    "village-06-left-behind-children: two offer themselves offline, the secretary takes one, a "
    "second is refused") {
  Township township("village-06");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  const WatchedFigure to_decide(township, "pairs_to_decide", "2024-W45");
  const WatchedFigure paired(township, "children_paired", "2024-W45");
  const WatchedFigure minutes(township, "pair_minutes", "2024-W45");
  const std::string child = wang.new_id();
  wang.write("insert into resident (id, household_id, name, born, labels) values (x'" + child +
             "', x'" + nth(wang, "household", 3) +
             "', '向小朵', '2016-05-05',"
             " '[\"left_behind\"]')");
  all_sync({&wang, &li, &liu});

  const std::string wangs = wang.new_id();
  const std::string lis = li.new_id();
  const auto offer = [&](Volunteer& one, const std::string& id, int member) {
    one.write(
        "insert into child_pair (id, resident_id, volunteer_id, offered_on, state) values (x'" +
        id + "', x'" + child + "', x'" + nth(one, "member", member) +
        "', '2024-11-04', 'offered')");
  };
  offer(wang, wangs, 1);
  offer(li, lis, 2);
  all_sync({&wang, &li, &liu});
  for (Volunteer* one : {&wang, &li, &liu})
    CHECK(one->read("select count(*) from child_pair where resident_id = x'" + child + "'") == "2");
  to_decide.check_grown_by(2, {&wang, &li, &liu});

  // The secretary accepts one; Li, who has not heard, takes the child in herself.
  liu.write("update child_pair set state = 'accepted' where id = x'" + wangs + "'");
  liu.sync();
  li.write("update child_pair set state = 'accepted' where id = x'" + lis + "'");
  (void)li.sync();
  CHECK(li.status().rejected == 1);
  CHECK(li.read("select state from child_pair where id = x'" + lis + "'") == "offered");
  const auto refused = li.replica().rejected().value();
  REQUIRE(refused.size() == 1);
  REQUIRE(li.replica().discard(refused[0].sequence).ok());
  li.write("update child_pair set state = 'declined' where id = x'" + lis + "'");
  wang.write("insert into pair_session (id, pair_id, kind, held_on, minutes) values (uuid7(), x'" +
             wangs + "', 'tutoring', '2024-11-06', 45)");
  all_sync({&wang, &li, &liu});
  to_decide.check_grown_by(0, {&wang, &li, &liu});
  paired.check_grown_by(1, {&wang, &li, &liu});
  minutes.check_grown_by(45, {&wang, &li, &liu});
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-07-service-orders: claimed by two offline, done by one, the other keeps a visit") {
  Township township("village-07");
  Volunteer wang(township, "王建国");
  Volunteer li(township, "李秀英");
  const WatchedFigure open(township, "orders_open", "2024-W45");
  const WatchedFigure done(township, "orders_done", "2024-W45");
  const WatchedFigure visits(township, "visits", "2024-W45");
  const std::string order = wang.new_id();
  const std::string it = " where id = x'" + order + "'";
  wang.write(
      "insert into service_order (id, household_id, service, ordered_on, state, item_id)"
      " values (x'" +
      order + "', x'" + nth(wang, "household", 7) + "', '理发', '2024-11-04', 'ordered', x'" +
      nth(wang, "service_item", 0) + "')");
  all_sync({&wang, &li});
  open.check_grown_by(1, {&wang, &li});

  const std::string wangs = nth(wang, "member", 3);
  const auto claim = [&](Volunteer& one, const std::string& member) {
    one.write("update service_order set claimed_by = x'" + member +
              "', claimed_at = 1730800000000, state = 'claimed', notes = '" + one.name() + "去了'" +
              it);
  };
  claim(wang, wangs);
  claim(li, nth(li, "member", 4));
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->read("select claimed_by from service_order" + it) == wangs);
    CHECK(one->read("select notes like '%王建国去了%' and notes like '%李秀英去了%'"
                    " from service_order" +
                    it) == "1");
  }
  REQUIRE(li.conflicts().size() == 1);
  CHECK(li.conflicts()[0].column == "claimed_by");
  li.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
      " select uuid7(), household_id, '李秀英', '2024-11-06', 1730890000000, 'routine',"
      " '到了才知道王建国已接单' from service_order" +
      it);
  wang.write("update service_order set state = 'rated', done_on = '2024-11-06', rating = 5" + it);
  all_sync({&wang, &li});
  open.check_grown_by(0, {&wang, &li});
  done.check_grown_by(1, {&wang, &li});
  visits.check_grown_by(1, {&wang, &li});
  check_all_equal(township, {&wang, &li});
}

TEST_CASE(
    "village-08-fund: three pay offline what is there for two; the sum is exact and the third is "
    "told") {
  Township township("village-08");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  Volunteer shu(township, "舒会计", dushi, "village_secretary");
  Volunteer xiang(township, "向组长", dushi, "village_secretary");
  const std::string balance = liu.read("select sum(amount_fen) from fund_entry");
  const WatchedFigure in(township, "fund_in_fen", "2024-W45");
  const WatchedFigure out(township, "fund_out_fen", "2024-W45");
  const WatchedFigure left(township, "fund_balance_fen", "2024-W52");
  const auto enter = [](Volunteer& one, std::int64_t fen, const std::string& kind) {
    one.write(
        "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose)"
        " values (uuid7(), '" +
        dushi + "', '2024-11-06', " + std::to_string(fen) + ", '" + kind + "', 'hardship')");
  };
  // So much that two payouts fit.
  const std::int64_t gift = 100'000;
  enter(liu, gift, "donation");
  all_sync({&liu, &shu, &xiang});
  const std::int64_t each = (std::stoll(balance) + gift) * 2 / 5;
  for (Volunteer* one : {&liu, &shu, &xiang}) enter(*one, -each, "payout");
  liu.sync();
  shu.sync();
  (void)xiang.sync();
  CHECK(xiang.status().rejected == 1);
  const auto refused = xiang.replica().rejected().value();
  REQUIRE(refused.size() == 1);
  REQUIRE(refused[0].broken.has_value());
  CHECK(refused[0].broken->message.find("透支") != std::string::npos);
  REQUIRE(xiang.replica().discard(refused[0].sequence).ok());
  all_sync({&liu, &shu, &xiang});
  in.check_grown_by(static_cast<double>(gift), {&liu, &shu, &xiang});
  out.check_grown_by(static_cast<double>(2 * each), {&liu, &shu, &xiang});
  left.check_grown_by(static_cast<double>(gift - 2 * each), {&liu, &shu, &xiang});
  check_all_equal(township, {&liu, &shu, &xiang});
}
