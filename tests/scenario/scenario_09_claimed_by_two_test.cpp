// Scenario 9: one service order claimed by two. One verdict, the same on every phone.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE("scenario-09-one-order-claimed-by-two") {
  Township township("scenario-09");
  Volunteer wang(township, "Wang");
  Volunteer li(township, "Li");
  Volunteer zhang(township, "Zhang");
  const std::string order =
      wang.read("select id from service_order where state = 'ordered' order by id limit 1");
  const std::string it = " where id = x'" + order + "'";
  const std::string first = wang.read("select id from member order by id limit 1");
  const std::string second = wang.read("select id from member order by id limit 1 offset 1");

  // Both offline. Li claims a little earlier by the clock, but Wang's claim reaches the township
  // first.
  li.write("update service_order set claimed_by = x'" + second +
           "', claimed_at = 1730800000000, state = 'claimed', notes = 'Li: bring the ladder'" + it);
  wang.write("update service_order set claimed_by = x'" + first +
             "', claimed_at = 1730800600000, state = 'claimed', notes = 'Wang: Tuesday'" + it);
  CHECK(li.read("select claimed_by from service_order" + it) == second);

  all_sync({&wang, &li, &zhang});

  // One verdict, and no order that nobody wrote: name and time are Wang's, both notes are kept.
  const std::string claim = "select claimed_by, claimed_at, state from service_order" + it;
  for (Volunteer* one : {&wang, &li, &zhang}) {
    CHECK(one->read(claim) == first + "|1730800600000|claimed");
    CHECK(one->read("select notes like '%Li: bring the ladder%' and notes like '%Wang: Tuesday%'"
                    " from service_order" +
                    it) == "1");
  }
  // The other is told, with her whole claim.
  const auto told = li.conflicts();
  REQUIRE(told.size() == 1);
  CHECK(told[0].table == "service_order");
  CHECK(told[0].column == "claimed_by");
  CHECK(told[0].policy == "first");
  CHECK(told[0].loser ==
        Value::text(R"({"claimed_by":")" + second + R"(","claimed_at":1730800000000})"));
  CHECK(told[0].winner ==
        Value::text(R"({"claimed_by":")" + first + R"(","claimed_at":1730800600000})"));
  CHECK(wang.conflicts().empty());
  for (Volunteer* one : {&wang, &li}) {
    CHECK(one->receipt("service_order", order) == "at_township");
    CHECK(one->receipts().empty());
  }
  check_all_equal(township, {&wang, &li, &zhang});

  // Li keeps what she did as a visit.
  li.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
      " select uuid7(), household_id, 'Li', '2024-11-05', 1730800900000, 'routine',"
      " 'went to help, Wang has the order' from service_order" +
      it);
  // States only move forward: Wang did the work while Zhang, who had not heard, cancelled it.
  wang.write("update service_order set state = 'done', done_on = '2024-11-06'" + it);
  zhang.write("update service_order set state = 'cancelled'" + it);
  const auto back = wang.replica().execute("update service_order set state = 'claimed'" + it, {});
  REQUIRE_FALSE(back.ok());
  CHECK(back.error().code == ErrorCode::ranked_back);

  all_sync({&zhang, &li, &wang});
  all_sync({&zhang, &li, &wang});
  for (Volunteer* one : {&wang, &li, &zhang}) {
    CHECK(one->read(claim) == first + "|1730800600000|done");
    CHECK(one->read("select count(*) from visit where visitor = 'Li' and"
                    " findings = 'went to help, Wang has the order'") == "1");
  }
  check_all_equal(township, {&wang, &li, &zhang});
}
