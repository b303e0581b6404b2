// Scenario 6: deceased or deleted against a later visit. Neither is dropped, the record does not
// silently revive, a person decides.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

std::string count_of(Volunteer& volunteer, const std::string& table, const std::string& where) {
  return volunteer.read("select count(*) from " + table + " where " + where);
}

void check_one_open_delete(Volunteer& volunteer, const std::string& resident) {
  const auto conflicts = volunteer.conflicts();
  REQUIRE_MESSAGE(conflicts.size() == 1, volunteer.name());
  CHECK(conflicts[0].table == "resident");
  CHECK(conflicts[0].column.empty());
  CHECK(conflicts[0].state == "open");
  CHECK(to_hex(conflicts[0].row.as_blob()) == resident);
}

}  // namespace

TEST_CASE("scenario-06-deleted-by-one-and-visited-by-another") {
  Township township("scenario-06");
  Volunteer wang(township, "Wang");
  Volunteer li(township, "Li");
  // An elder who has been checked before: the old checks hang on her record.
  const std::string elder = wang.read(
      "select resident_id from health_check group by resident_id order by count(*) desc limit 1");
  const std::string her = " = x'" + elder + "'";
  const std::string checks = count_of(wang, "health_check", "resident_id" + her);
  const std::string all_checks = wang.read("select count(*) from health_check");
  const std::string neighbour = wang.read("select id from resident where id <> x'" + elder +
                                          "' and deceased_on is null order by id limit 1");

  // Offline, Wang is told that she has left for good, and takes her out of the register; her checks
  // go with her. Of a neighbour he writes down that he died.
  wang.write("delete from resident where id" + her);
  wang.write("update resident set deceased_on = '2024-11-02' where id = x'" + neighbour + "'");
  CHECK(count_of(wang, "resident", "id" + her) == "0");
  CHECK(count_of(wang, "health_check", "resident_id" + her) == "0");
  // Offline too, and later, Li finds her at home and measures her blood pressure.
  li.write(
      "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg, examiner)"
      " values (uuid7(), x'" +
      elder + "', '2026-11-05', '2024H2', 142, 'Li')");
  li.write("update resident set relation = '户主的邻居' where id = x'" + neighbour + "'");
  CHECK(li.receipts() == "2 on this phone");

  all_sync({&wang, &li});

  // Nothing is dropped: she is back whole, with every check, the old ones and the new.
  const int expected = std::stoi(checks) + 1;
  for (Volunteer* one : {&wang, &li}) {
    CHECK(count_of(*one, "resident", "id" + her) == "1");
    CHECK(count_of(*one, "health_check", "resident_id" + her) == std::to_string(expected));
    CHECK(one->read("select count(*) from health_check") ==
          std::to_string(std::stoi(all_checks) + 1));
    CHECK(one->read("select systolic_mmhg from health_check where checked_on = '2026-11-05'"
                    " and resident_id" +
                    her) == "142");
    // Different columns of the neighbour: both stand, he stays deceased.
    CHECK(one->read("select deceased_on || ' ' || relation from resident where id = x'" +
                    neighbour + "'") == "2024-11-02 户主的邻居");
    // Not silently: the delete waits for a person, on every phone and at the township.
    check_one_open_delete(*one, elder);
    CHECK(one->status().conflicts_open == 1);
  }
  const auto at_hub = township.lines({"conflicts", "--json"});
  REQUIRE(at_hub.size() == 1);
  CHECK(at_hub[0].text("state") == "open");
  CHECK(at_hub[0].text("column").empty());
  // Wang's delete did not stand: her receipt says that somebody must look. Li's work is in.
  CHECK(wang.receipt("resident", elder) == "needs_attention");
  CHECK(wang.receipt("resident", neighbour) == "at_township");
  CHECK(li.receipt("resident", neighbour) == "at_township");
  check_all_equal(township, {&wang, &li});

  // Wang, who now has seen the check, deletes her once more: that stands, and the matter is closed.
  wang.write("delete from resident where id" + her);
  all_sync({&wang, &li});
  for (Volunteer* one : {&wang, &li}) {
    CHECK(count_of(*one, "resident", "id" + her) == "0");
    CHECK(count_of(*one, "health_check", "resident_id" + her) == "0");
    CHECK(one->conflicts().empty());
    CHECK(one->receipts().empty());
  }
  check_all_equal(township, {&wang, &li});
}
