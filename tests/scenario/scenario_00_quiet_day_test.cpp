// Not one of the field's fifteen: the day on which nothing meets, so that the others can rely on
// their stage.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep::test;

TEST_CASE("scenario-00-two-volunteers-on-a-quiet-day") {
  Township township("scenario-00");
  Volunteer wang(township, "Wang");
  Volunteer li(township, "Li");
  const std::string household =
      wang.read("select uuid_text(id) from household order by id limit 1");
  wang.write("update household set phone = '13800000000' where id = uuid('" + household + "')");
  CHECK(wang.status().pending == 1);
  CHECK(wang.receipts() == "1 on this phone");

  all_sync({&wang, &li});

  const std::string phone = "select phone from household where id = uuid('" + household + "')";
  CHECK(wang.read(phone) == "13800000000");
  CHECK(li.read(phone) == "13800000000");
  CHECK(wang.conflicts().empty());
  CHECK(li.conflicts().empty());
  CHECK(wang.receipts().empty());
  check_all_equal(township, {&wang, &li});
}
