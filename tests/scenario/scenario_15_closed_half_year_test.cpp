// Scenario 15 of the field: a half-year is closed, and a phone comes from three weeks offline with
// a check of that half-year. It counts where it belongs, the closed figure stays what it was, and
// the township can say who wrote it, when, when it arrived and why.
#include <doctest/doctest.h>

#include <algorithm>

#include "client-sdk/src/replica_figures.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "schema/figures/closing.hpp"
#include "tests/village/village_figures.hpp"
#include "tests/village/village_records.hpp"
#include "tests/village/village_steps.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr int days_away = 21;

/// A phone's clock that days pass on.
class PassingClock final : public Clock {
 public:
  [[nodiscard]] ClockProbe read() const override {
    ClockProbe probe = system_.read();
    probe.wall_ms += passed_ms_;
    probe.boot_ms += passed_ms_;
    return probe;
  }
  void pass(int days) { passed_ms_ += std::int64_t{days} * 24 * 3'600'000; }

 private:
  SystemClock system_;
  std::int64_t passed_ms_ = 0;
};

Finished close(const Township& township, const std::string& scope, const std::string& period,
               const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"report",   "close", "--scope", scope,
                                 "--period", period,  "--by",    "刘主任"};
  words.insert(words.end(), more.begin(), more.end());
  return township.hub().command(words);
}

/// The one closed period of a unit, as `report closed` prints it.
Json closed_of(const Township& township, const std::string& scope, const std::string& period) {
  for (const Json& one :
       township.lines({"report", "closed", "--scope", scope, "--period", period})) {
    if (one.text("unit") == scope) return one;
  }
  return Json("{}");
}

/// "329 329 330": as closed, as stated last, as it is now; empty when it does not differ.
std::string difference_of(const Json& closed, const std::string& figure) {
  for (const Json& one : closed.items("differences")) {
    if (one.text("figure") == figure)
      return one.text("closed") + " " + one.text("stated") + " " + one.text("now");
  }
  return "";
}

std::string whole(double number) { return std::to_string(static_cast<int>(number)); }

std::string write_check(Volunteer& doctor, const std::string& elder) {
  const std::string check = doctor.new_id();
  doctor.write(
      "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg, notes)"
      " values (x'" +
      check + "', x'" + elder + "', '2024-06-20', '2024H1', 151, '山上没有信号')");
  return check;
}

std::string register_elder(Volunteer& secretary) {
  const std::string elder = secretary.new_id();
  secretary.write("insert into resident (id, household_id, name, born) values (x'" + elder +
                  "', x'" + nth(secretary, "household", 3) + "', '向爷爷', '1946-01-01')");
  return elder;
}

}  // namespace

TEST_CASE(
    "scenario-15-closed-half-year: a check three weeks late counts where it belongs, and the "
    "closed figure is amended openly") {
  Township township("scenario-15");
  PassingClock mountain;
  Volunteer wang(township, "王建国", dushi, "village_secretary");
  Volunteer liu(township, "刘主任", qiaojiang, "township_secretary");
  Volunteer doctor(township, "舒医生", dushi, "volunteer", &mountain);
  const std::string elder = register_elder(wang);
  all_sync({&wang, &liu, &doctor});
  const WatchedFigure done(township, "checks_done", "2024H1");
  const double before = township_figure(township, "checks_done", "2024H1");

  // The doctor is up the mountain with the elder's check when the township closes the half-year.
  const std::string check = write_check(doctor, elder);
  REQUIRE(close(township, dushi, "2024-H1").status == 0);
  REQUIRE(close(township, qiaojiang, "2024H1").status == 0);
  all_sync({&wang, &liu});
  CHECK(difference_of(closed_of(township, dushi, "2024H1"), "checks_done").empty());
  CHECK(closed_of(township, dushi, "2024H1").items("late").empty());

  mountain.pass(days_away);
  all_sync({&doctor, &wang, &liu});
  done.check_grown_by(1, {&wang, &doctor});
  // What was closed stays; a volunteer does not see it, the secretaries do.
  const std::string fixed =
      "select json_extract(figures, '$.checks_done'), closed_by from closed_period"
      " where period = '2024H1' and unit_code = '" +
      dushi + "'";
  CHECK(wang.read(fixed) == whole(before) + "|刘主任");
  CHECK(liu.read(fixed) == whole(before) + "|刘主任");
  CHECK(doctor.read("select count(*) from closed_period") == "0");

  for (const std::string& scope : {dushi, qiaojiang}) {
    const Json closed = closed_of(township, scope, "2024H1");
    CHECK(difference_of(closed, "checks_done") ==
          whole(before) + " " + whole(before) + " " + whole(before + 1));
    const auto late = closed.items("late");
    REQUIRE(late.size() == 1);
    CHECK(late[0].text("table") == "health_check");
    CHECK(late[0].text("row") == check);
    CHECK(late[0].text("what") == "added");
    CHECK(late[0].text("stated") == "2024-06-20");
    CHECK(late[0].text("about") == "向爷爷");
    CHECK(late[0].text("by") == "舒医生");
    CHECK(late[0].text("why") == "山上没有信号");
    CHECK(!late[0].boolean("amended"));
    const std::string arrived = late[0].text("arrived_at").substr(0, 10);
    const std::string written = late[0].text("written_at").substr(0, 10);
    const bool three_weeks = written == shifted(arrived, 0, -days_away) ||
                             written == shifted(arrived, 0, -days_away - 1);
    CHECK_MESSAGE(three_weeks, written, " ", arrived);
  }
  const std::string told = township.command({"report", "closed", "--scope", dushi});
  for (const char* part : {"checks done", "health check", "向爷爷", "舒医生", "山上没有信号"})
    CHECK_MESSAGE(told.find(part) != std::string::npos, told);
  check_all_equal(township, {&wang, &doctor});
}

TEST_CASE(
    "scenario-15-closed-half-year: closed twice, the second amends the first, and reports of it "
    "show both") {
  Township township("scenario-15-twice");
  Volunteer wang(township, "王建国", dushi, "village_secretary");
  const std::string elder = register_elder(wang);
  (void)wang.sync();
  const double before = township_figure(township, "checks_done", "2024H1");
  REQUIRE(close(township, dushi, "2024H1").status == 0);
  (void)write_check(wang, elder);
  // Known only now: the neighbour had died before the half-year was over.
  const std::string neighbour =
      nth(wang, "resident", 2, "born < '1950-01-01' and deceased_on is null");
  wang.write("update resident set deceased_on = '2024-05-20' where id = x'" + neighbour + "'");
  all_sync({&wang});

  const Finished silent = close(township, dushi, "2024H1");
  CHECK(silent.status == 2);
  CHECK(silent.err.find("to amend the closing, say --why") != std::string::npos);
  REQUIRE(close(township, dushi, "2024H1", {"--why", "补录一份体检"}).status == 0);
  all_sync({&wang});
  wang.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
      " values (uuid7(), x'" +
      nth(wang, "household", 5) + "', '王建国', '2024-06-11', 1731400000000, 'routine', '补记')");
  all_sync({&wang});

  const Json closed = closed_of(township, dushi, "2024H1");
  const auto closings = closed.items("closings");
  REQUIRE(closings.size() == 2);
  CHECK(closings[1].text("why") == "补录一份体检");
  // One check more, and one elder less who was due and had been checked.
  CHECK(difference_of(closed, "checks_due").size() > 0);
  std::vector<std::string> late;
  for (const Json& row : closed.items("late"))
    late.push_back(row.text("table") + " " + row.text("what") + " " + row.text("columns") + " " +
                   row.text("amended"));
  CHECK(late == std::vector<std::string>{"health_check added [] true",
                                         "resident changed [\"deceased_on\"] true",
                                         "visit added [] false"});
  const auto printed = township.lines({"report", "monthly", "--scope", dushi, "--month", "2024H1"});
  REQUIRE(printed.size() == 1);
  const Json unit(printed[0].items("units").at(0).source());
  const Json fixed(unit.text("closed"));
  CHECK(fixed.text("by") == "刘主任");
  CHECK(fixed.number("amendments") == 1);
  CHECK(Json(fixed.text("figures")).number("visits") + 1 ==
        Json(unit.text("now")).number("visits"));
  CHECK(before > 0);

  // The phone that may see closings knows the same two, in the same order.
  const auto on_phone =
      figures::read_closed_periods(figure_runner(wang.replica()), dushi, "2024H1");
  REQUIRE(on_phone.ok());
  REQUIRE(on_phone.value().size() == 1);
  CHECK(on_phone.value()[0].closings.size() == 2);
  CHECK(on_phone.value()[0].first().id == closings[0].text("id"));
  CHECK(on_phone.value()[0].last().why == "补录一份体检");
}

TEST_CASE(
    "scenario-15-closed-half-year: a family that moved away is named in its village, in the "
    "township nothing has changed") {
  Township township("scenario-15-moves");
  Volunteer wang(township, "王建国", dushi + "," + next_village, "village_secretary");
  for (const std::string& scope : {dushi, qiaojiang})
    REQUIRE(close(township, scope, "2024H1").status == 0);
  const std::string family = nth(wang, "household", 0,
                                 "exists (select 1 from visit where household_id = household.id "
                                 "and visited_on < '2024-07-01')");
  wang.write("update household set village_code = '" + next_village + "' where id = x'" + family +
             "'");
  all_sync({&wang});
  const Json village = closed_of(township, dushi, "2024H1");
  const auto late = village.items("late");
  REQUIRE(late.size() == 1);
  CHECK(late[0].text("table") == "household");
  CHECK(late[0].text("row") == family);
  CHECK(late[0].text("what") == "moved_out");
  CHECK(late[0].text("elsewhere") == next_village);
  CHECK(late[0].text("by") == "王建国");
  CHECK(!difference_of(village, "visits").empty());
  const Json above = closed_of(township, qiaojiang, "2024H1");
  CHECK(difference_of(above, "visits").empty());
  CHECK(above.items("late").empty());
}

TEST_CASE(
    "scenario-15-closed-half-year: what is not over is not closed by mistake, and no phone closes "
    "anything") {
  Township township("scenario-15-early");
  Volunteer liu(township, "刘主任", qiaojiang, "township_secretary");
  const Finished early = close(township, dushi, "2999H1");
  CHECK(early.status == 2);
  CHECK(early.err.find("2999H1 ends on 2999-06-30") != std::string::npos);
  CHECK(closed_of(township, dushi, "2999H1").text("unit").empty());
  CHECK(close(township, dushi, "2999H1", {"--anyway"}).status == 0);
  CHECK(closed_of(township, dushi, "2999H1").text("unit") == dushi);
  for (const char* period : {"2024H9", "last week"}) {
    const Finished wrong = close(township, dushi, period);
    CHECK(wrong.status == 1);
    CHECK(wrong.err.find("is no period") != std::string::npos);
  }
  CHECK(close(township, "999", "2024H1").err.find("not_found") != std::string::npos);

  const auto written = liu.replica().execute(
      "insert into closed_period (id, unit_code, period, figures, hub_position, digest, closed_on,"
      " closed_by) values (uuid7(), '" +
          dushi + "', '2023H2', '{}', 1, 'ab', '2024-01-02', '刘主任')",
      {});
  if (written) (void)liu.sync();
  CHECK(closed_of(township, dushi, "2023H2").text("unit").empty());
  CHECK(township.read("select count(*) from closed_period where period = '2023H2'") == "0");
}
