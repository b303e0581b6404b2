// Scenario 4 of the field: a volunteer moves from one village to another with 14 unsent edits for
// the first. They are received, the old village leaves the phone, the new one arrives.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE("scenario-04-a-volunteer-moves-with-fourteen-unsent-edits") {
  Township township("scenario-04");
  Volunteer wang(township, "王芳");
  Volunteer li(township, "李秀英", next_village);
  Volunteer chen(township, "陈静");
  const std::string there = li.new_id();
  li.write("insert into household (id, village_code, villager_group, head_name) values (uuid('" +
           there + "'), '" + next_village + "', 1, '赵大海')");
  (void)li.sync();
  const std::string first = "select uuid_text(id) from household order by id limit 1";
  const std::string household = wang.read(first);
  std::vector<std::string> visits;
  for (int n = 0; n < 13; ++n) {
    visits.push_back(wang.new_id());
    wang.write(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values (uuid('" +
        visits.back() + "'), uuid('" + household + "'), '王芳', '2026-03-03', 0, 'festival')");
  }
  wang.write("update household set phone = '13700000000' where id = uuid('" + household + "')");
  CHECK(wang.status().pending == 14);

  const auto granted = township.lines({"grant", "王芳", "--scope", next_village});
  REQUIRE(granted.size() == 1);
  CHECK(granted[0].text("scopes") == next_village);
  (void)wang.sync();
  const ReplicaStatus status = wang.status();
  CHECK(status.up_to_date);
  CHECK(status.pending == 0);
  CHECK(status.rejected == 0);
  CHECK(wang.read("select count(*) from household where village_code = '" + dushi + "'") == "0");
  CHECK(wang.read("select count(*) from visit where household_id = uuid('" + household + "')") ==
        "0");
  CHECK(wang.read("select head_name from household where id = uuid('" + there + "')") == "赵大海");
  CHECK(wang.read("select \"from\" from ds_departed where why = 'scope_lost'") == dushi);

  (void)chen.sync();
  CHECK(chen.read("select phone from household where id = uuid('" + household + "')") ==
        "13700000000");
  for (const std::string& visit : visits) {
    CHECK(chen.read("select kind from visit where id = uuid('" + visit + "')") == "festival");
  }
  check_all_equal(township, {&wang, &li, &chen});

  // Back to both villages: Dushi comes again, whole, and the note goes.
  township.command({"grant", "王芳", "--scope", dushi + "," + next_village});
  (void)wang.sync();
  CHECK(wang.read("select phone from household where id = uuid('" + household + "')") ==
        "13700000000");
  CHECK(wang.replica().departed()->empty());
  check_all_equal(township, {&wang, &li, &chen});
}
