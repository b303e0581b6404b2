// Two volunteers register one family on the same afternoon, without a signal, and spell its head's
// name differently. The township is asked, and whatever it answers, nothing is lost.
#include <doctest/doctest.h>

#include "tests/scenario/township.hpp"

using namespace doorstep::test;

namespace {

const std::string wangs =
    "select head_name, address from household where address like '九组%' order by id";
const std::string visits_there =
    "select h.head_name, v.visitor, v.findings from visit v join household h on h.id = "
    "v.household_id where h.address like '九组%' order by h.id, v.visitor";

/// One family of three with a visit, as one volunteer writes it down.
void register_family(Volunteer& volunteer, const std::string& head, const std::string& son) {
  const std::string house = volunteer.new_id();
  const std::string member =
      "insert into resident (id, household_id, name, relation, born) values (uuid7(), uuid('" +
      house + "'), ";
  volunteer.write(
      "insert into household (id, village_code, villager_group, head_name, address) values "
      "(uuid('" +
      house + "'), '" + dushi + "', 7, '" + head + "', '九组15号'); " + member + "'" + head +
      "', '户主', '1958-03-02'); " + member + "'李桂花', '妻子', '1960-07-19'); " + member + "'" +
      son + "', '儿子', '1985-11-30');");
  volunteer.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) values "
      "(uuid7(), uuid('" +
      house + "'), '" + volunteer.name() + "', '2026-05-29', 1780000000000, 'routine', '" +
      volunteer.name() + "的走访')");
}

/// The pairs of households that the township is shown.
std::vector<Json> household_pairs(const Township& township, bool all = false) {
  std::vector<std::string> command = {"duplicates"};
  if (all) command.emplace_back("--all");
  std::vector<Json> found;
  for (const Json& pair : township.lines(command)) {
    // The sample village has households of its own that may be one.
    const bool ours = township.read(
                          "select count(*) from household where address = '九组15号' and"
                          " hex(id) = upper('" +
                          pair.text("first") + "')") != "0";
    if (pair.text("table") == "household" && ours) found.push_back(pair);
  }
  return found;
}

void check_proposal(const Json& pair) {
  CHECK(pair.text("state") == "open");
  CHECK(pair.number("score") >= 75);
  const auto reasons = pair.items("reasons");
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].text("key") == "same_address");
  CHECK(reasons[0].number("similarity") >= 80);
  const auto differing = pair.items("differing");
  REQUIRE(differing.size() == 1);
  CHECK(differing[0].text("column") == "head_name");
  CHECK(differing[0].text("first") != differing[0].text("second"));
}

}  // namespace

TEST_CASE("scenario-01-same-household-registered-by-two-phones-offline") {
  Township township("scenario-01");
  Volunteer chen(township, "陈大山");
  Volunteer wang(township, "王丽");
  all_sync({&chen, &wang});
  register_family(chen, "王建国", "王小明");
  register_family(wang, "汪健国", "王小明");
  CHECK(chen.receipts() == "5 on this phone");
  CHECK(wang.receipts() == "5 on this phone");
  all_sync({&chen, &wang});
  CHECK(chen.receipts().empty());
  CHECK(wang.receipts().empty());
  CHECK(chen.read(wangs) == "王建国|九组15号\n汪健国|九组15号");
  check_all_equal(township, {&chen, &wang});

  auto pairs = household_pairs(township);
  REQUIRE(pairs.size() == 1);
  check_proposal(pairs[0]);
  const std::string pair = pairs[0].text("id");

  // Accepted, beside the running hub: one household, both visits kept, both phones follow.
  const std::string kept = pairs[0].text("first");
  township.command({"duplicates", "accept", pair, "--survivor", kept, "--by", "李秀英"});
  all_sync({&chen, &wang});
  for (Volunteer* volunteer : {&chen, &wang}) {
    CHECK(volunteer->read(wangs) == "王建国|九组15号");
    CHECK(volunteer->read(visits_there) == "王建国|王丽|王丽的走访\n王建国|陈大山|陈大山的走访");
    CHECK(volunteer->read("select count(*) from resident where household_id = uuid('" + kept +
                          "')") == "6");
  }
  CHECK(household_pairs(township).empty());
  // What a person decided about the pair leaves nobody anything to do.
  CHECK(chen.receipts().empty());
  CHECK(wang.receipts().empty());
  check_all_equal(township, {&chen, &wang});

  // A mistake after all: both live again, each with its own visit.
  township.command({"duplicates", "unmerge", pair});
  all_sync({&chen, &wang});
  for (Volunteer* volunteer : {&chen, &wang}) {
    CHECK(volunteer->read(wangs) == "王建国|九组15号\n汪健国|九组15号");
    CHECK(volunteer->read(visits_there) == "王建国|陈大山|陈大山的走访\n汪健国|王丽|王丽的走访");
  }
  CHECK(household_pairs(township).empty());
  CHECK(household_pairs(township, true).at(0).text("state") == "unmerged");
  check_all_equal(township, {&chen, &wang});
}

TEST_CASE("scenario-01-same-household-rejected-and-never-proposed-again") {
  Township township("scenario-01-rejected");
  Volunteer chen(township, "陈大山");
  Volunteer wang(township, "王丽");
  all_sync({&chen, &wang});
  register_family(chen, "王建国", "王小明");
  register_family(wang, "汪健国", "王小明");
  all_sync({&chen, &wang});
  auto pairs = household_pairs(township);
  REQUIRE(pairs.size() == 1);
  township.command({"duplicates", "reject", pairs[0].text("id"), "--by", "李秀英"});
  // Even when one of them is written exactly like the other.
  wang.write("update household set head_name = '王建国' where head_name = '汪健国'");
  all_sync({&chen, &wang});
  CHECK(chen.read(wangs) == "王建国|九组15号\n王建国|九组15号");
  CHECK(household_pairs(township).empty());
  REQUIRE(household_pairs(township, true).size() == 1);
  CHECK(household_pairs(township, true)[0].text("state") == "rejected");
  CHECK(household_pairs(township, true)[0].text("decided_by") == "李秀英");
  check_all_equal(township, {&chen, &wang});
}
