// Closing a period beside a serving hub, with the real commands: the phone of the village secretary
// sees at its next sync what was closed, also without a network afterwards.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

TEST_CASE(
    "a half-year is closed beside a running hub; the secretary's phone reports it closed, and what "
    "comes later beside it") {
  const ScratchFolder folder("report-close");
  TownshipHub hub(folder.file("hub"));
  REQUIRE(hub.made().status == 0);
  REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
  hub.serve();
  const Phone wang(folder.file("wang.db"), "王建国");
  REQUIRE(wang.enrol(hub).status == 0);
  REQUIRE(wang.sync().status == 0);

  const Finished closed = hub.command(
      {"report", "close", "--scope", dushi, "--period", "2024-H1", "--by", "刘主任", "--json"});
  REQUIRE_MESSAGE(closed.status == 0, closed.err);
  CHECK(last_json(closed).text("period") == "2024H1");
  CHECK(last_json(closed).number("amends") == 0);
  const Finished written = wang.sql(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) select uuid7(), "
      "id,"
      " '王建国', '2024-03-05', 1731400000000, 'routine' from household order by id limit 1");
  REQUIRE_MESSAGE(written.status == 0, written.err);
  REQUIRE(wang.sync().status == 0);
  hub.stop();

  const Json report = last_json(wang.command({"report", "--week", "2024H1", "--json"}));
  const auto units = report.items("units");
  REQUIRE(units.size() == 1);
  const Json fixed(units[0].text("closed"));
  CHECK(fixed.text("by") == "刘主任");
  CHECK(Json(units[0].text("now")).number("visits") ==
        Json(fixed.text("figures")).number("visits") + 1);

  const Finished late = hub.command({"report", "closed", "--scope", dushi, "--csv"});
  REQUIRE(late.status == 0);
  CHECK(late.out.find("2024H1,row,visit,") != std::string::npos);
  CHECK(late.out.find(",new,2024-03-05,") != std::string::npos);
  CHECK(late.out.find(",王建国,") != std::string::npos);
  const Finished page = hub.command({"report", "closed", "--scope", dushi, "--html"});
  CHECK(page.out.find("<td>visit</td><td>new</td><td>2024-03-05</td>") != std::string::npos);
  CHECK(hub.command({"verify"}).status == 0);
}
