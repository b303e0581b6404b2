// Three weeks of a village's work, drawn: four phones write offline in all systems, some days late,
// meet each other's edits, move families. Then every figure of every week is the same by the SQL of
// the report and by plain loops, at the township and on a phone.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>

#include "engine/ports/random.hpp"
#include "schema/figures/report_text.hpp"
#include "tests/village/counted_figures.hpp"
#include "tests/village/village_figures.hpp"

namespace doorstep::test {
namespace {

constexpr int days_of_work = 21;

/// Draws what the phones do.
class Work {
 public:
  Work(std::uint64_t seed, std::vector<Volunteer*> phones)
      : random_(seed), phones_(std::move(phones)) {}

  void run() {
    for (int day = 0; day < days_of_work; ++day) {
      today_ = shifted("2024-11-04", 0, day);
      for (Volunteer* phone : phones_) {
        for (std::uint64_t i = random_.below(6); i > 0; --i) act(*phone);
        if (random_.below(3) == 0) (void)phone->sync();
      }
    }
  }

 private:
  std::string below(std::uint64_t bound) { return std::to_string(random_.below(bound)); }
  /// As people state it: mostly today, now and then days ago.
  std::string stated() {
    return shifted(today_, 0, random_.below(4) == 0 ? -static_cast<int>(random_.below(12)) : 0);
  }
  /// SQL for the id of some row.
  std::string some(const std::string& table, const std::string& condition = "1") {
    return "(select id from " + table + " where " + condition + " order by id limit 1 offset " +
           below(40) + ")";
  }
  /// What is refused there and then (a state that would go back, a row that is not there) is left.
  void write(Volunteer& phone, const std::string& sql) {
    const auto done = phone.replica().execute(sql, {});
    ++(done ? written_ : refused_);
  }

  void act(Volunteer& phone) {
    static constexpr std::array<void (Work::*)(Volunteer&), 8> kinds = {
        &Work::visit, &Work::care,   &Work::order,  &Work::money,
        &Work::gates, &Work::people, &Work::papers, &Work::things};
    (this->*kinds[random_.below(kinds.size())])(phone);
  }

  void visit(Volunteer& phone) {
    static constexpr std::array<const char*, 5> kinds = {"routine", "birthday", "illness",
                                                         "festival", "emergency"};
    const std::string day = stated();
    const std::string kind = kinds[random_.below(kinds.size())];
    write(phone,
          "insert into visit (id, household_id, visitor, visited_on, typed_at, kind,"
          " follow_up_on, corrects_id) select uuid7(), household_id, '" +
              phone.name() + "', '" + day + "', 1731400000000, '" + kind + "', '" +
              shifted(day, 0, 3) + "', " + (random_.below(3) == 0 ? "id" : "null") +
              " from visit where id = " + some("visit", "visited_on > '2024-10-20'"));
    write(
        phone,
        "insert into emergency (id, household_id, kind, happened_on, state) select uuid7(), id, '" +
            std::string(random_.below(2) == 0 ? "illness" : "emergency") + "', '" + stated() +
            "', 'reported' from household where id = " + some("household"));
  }
  void care(Volunteer& phone) {
    write(phone,
          "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg)"
          " select uuid7(), id, '" +
              stated() + "', '" + (random_.below(2) == 0 ? "2024H2" : "2024H1") +
              "', 140 from resident where id = " + some("resident", "born < '1966-01-01'"));
    write(phone,
          "insert into help_given (id, resident_id, kind, given_on, helper) select uuid7(), id, "
          "'labour', '" +
              stated() + "', '" + phone.name() + "' from resident where id = " + some("resident"));
    write(phone,
          "insert into pair_session (id, pair_id, kind, held_on, minutes) select uuid7(), id, "
          "'sports', '" +
              stated() + "', " + below(90) + " from child_pair where id = " + some("child_pair"));
    write(phone, "update child_pair set state = '" +
                     std::string(random_.below(2) == 0 ? "accepted" : "declined") +
                     "' where id = " + some("child_pair", "state = 'offered'"));
  }
  void order(Volunteer& phone) {
    static constexpr std::array<const char*, 4> states = {"claimed", "cancelled", "done", "rated"};
    write(phone,
          "insert into service_order (id, household_id, service, ordered_on, state) select "
          "uuid7(), id,"
          " '理发', '" +
              stated() + "', 'ordered' from household where id = " + some("household"));
    write(phone, "update service_order set state = '" + std::string(states[random_.below(4)]) +
                     "', done_on = '" + stated() + "', rating = 1 + " + below(5) +
                     " where id = " + some("service_order"));
  }
  void money(Volunteer& phone) {
    const bool gift = random_.below(2) == 0;
    write(phone,
          "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose) values"
          " (uuid7(), '" +
              dushi + "', '" + stated() + "', " + (gift ? "" : "-") + "100 * (1 + " + below(5000) +
              "), '" + (gift ? "donation" : "payout") + "', 'elders')");
    write(phone, "insert into premium (id, policy_id, paid_on, amount_fen) select uuid7(), id, '" +
                     stated() +
                     "', 1200 from insurance_policy where id = " + some("insurance_policy"));
    write(
        phone,
        "insert into claim_payment (id, stay_id, kind, paid_on, amount_fen) select uuid7(), id, '" +
            std::string(random_.below(2) == 0 ? "insurance" : "nursing_subsidy") + "', '" +
            stated() + "', 20000 from hospital_stay where id = " + some("hospital_stay"));
    write(phone,
          "insert into hospital_stay (id, resident_id, admitted_on, nursing_days) select uuid7(), "
          "id, '" +
              stated() + "', 4 from resident where id = " + some("resident"));
  }
  void gates(Volunteer& phone) {
    static constexpr std::array<const char*, 4> states = {"surveyed", "voted", "publicised",
                                                          "refused"};
    write(phone, "update project set state = '" + std::string(states[random_.below(4)]) +
                     "', surveyed_on = coalesce(surveyed_on, '" + today_ +
                     "') where id = " + some("project"));
    write(phone, "insert into objection (id, project_id, raised_on, reason) select uuid7(), id, '" +
                     stated() + "', '不同意' from project where id = " + some("project"));
  }
  void people(Volunteer& phone) {
    write(phone, "update household set village_code = '" +
                     (random_.below(2) == 0 ? dushi : next_village) +
                     "' where id = " + some("household"));
    write(phone, "update resident set labels = '[\"hardship\"]', phone = '10" + below(1000) +
                     "' where id = " + some("resident"));
    if (random_.below(3) == 0)
      write(phone,
            "update resident set deceased_on = '" + stated() + "' where id = " + some("resident"));
    write(phone, "insert into outflow (id, resident_id, left_on) select uuid7(), id, '" + stated() +
                     "' from resident where id = " + some("resident"));
    write(phone,
          "update outflow set returned_on = '" + stated() + "' where id = " + some("outflow"));
    write(phone, "insert into inflow (id, village_code, name, arrived_on) values (uuid7(), '" +
                     dushi + "', '来人', '" + stated() + "')");
  }
  void papers(Volunteer& phone) {
    write(phone, "update certificate set state = 'delivered', delivered_on = '" + stated() +
                     "' where id = " + some("certificate"));
    write(phone,
          "insert into certificate (id, resident_id, kind, requested_on, state) select uuid7(), id,"
          " 'elder_card', '" +
              stated() + "', 'requested' from resident where id = " + some("resident"));
    write(phone, "update survey_response set completed = 1 where id = " + some("survey_response"));
    write(phone,
          "insert into opinion (id, village_code, raised_on, content, state) values (uuid7(), '" +
              dushi + "', '" + stated() + "', '路灯', 'raised')");
    write(phone, "update opinion set state = 'answered' where id = " + some("opinion"));
  }
  void things(Volunteer& phone) {
    write(phone, "update supply set stock = stock - " + below(9) + ", given = given + " + below(9) +
                     " where id = " + some("supply"));
    write(
        phone,
        "insert into inspection (id, household_id, quarter, inspector, inspected_on, score) select"
        " uuid7(), id, '2024Q4', '" +
            phone.name() + "', '" + stated() + "', " + below(101) +
            " from household where id = " + some("household"));
  }

  SeededRandom random_;
  std::vector<Volunteer*> phones_;
  std::string today_;
  int written_ = 0;
  int refused_ = 0;
};

using Figures = std::map<std::string, std::map<std::string, double>>;

/// What a report has of each village, zeros left out.
Figures of_report(const figures::Report& report) {
  Figures all;
  for (const figures::Line& line : report.lines) {
    if (line.level != "village") continue;
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      const std::string shown = amount_json(report.columns[i].unit, line.now[i]);
      const double value = std::strtod(shown.c_str(), nullptr);
      if (value != 0) all[line.code][report.columns[i].name] = value;
    }
  }
  return all;
}

/// The first thing in which they differ; empty when in nothing.
std::string difference(const Figures& report, const Figures& counted) {
  std::string found;
  const auto compare = [&](const Figures& some, const Figures& others, const char* lacks) {
    for (const auto& [village, figures] : some) {
      for (const auto& [name, value] : figures) {
        const auto there = others.find(village);
        const double other =
            there == others.end() || !there->second.contains(name) ? 0 : there->second.at(name);
        if (std::abs(value - other) > 0.001 && found.empty()) {
          found = village + " " + name + ": " + std::to_string(value) + ", " + lacks + " " +
                  std::to_string(other);
        }
      }
    }
  };
  compare(report, counted, "by loops");
  compare(counted, report, "by the report");
  return found;
}

Figures by_loops(const Records& records, const figures::Period& period) {
  const auto asked = figures::parameters_of("", period);
  std::map<std::string, std::string> named(asked.begin(), asked.end());
  return count_figures(records, {named["from"], named["until"], named["half_year"],
                                 named["half_ends"], named["quarter"]});
}

}  // namespace

TEST_CASE(
    "village-figures: three weeks of work on four phones give the same figures by SQL and by "
    "loops, "
    "at the township and on a phone") {
  Township township("village-figures");
  Volunteer liu(township, "刘书记", dushi, "village_secretary");
  Volunteer shu(township, "舒会计", dushi, "village_secretary");
  Volunteer wang(township, "王建国");
  Volunteer he(township, "何书记", qiaojiang, "township_secretary");
  Work(7, {&liu, &shu, &wang, &he}).run();
  all_sync({&liu, &shu, &wang, &he});
  all_sync({&liu, &shu, &wang, &he});
  CHECK(township.read("select count(*) from ds_conflict") != "0");
  CHECK(township.read("select count(*) from ds_departure") != "0");

  const Records at_township = read_records(township.hub().database());
  const Records on_phone = read_records(liu.file());
  const auto set = figures::parse_figures(figures::village_figures_text()).value();
  for (const char* week : {"2024-W45", "2024-W46", "2024-W47"}) {
    CAPTURE(week);
    const figures::Period period = figures::parse_period(week).value();
    const Figures by_report = township_figures(township, set, qiaojiang, week);
    CHECK(difference(by_report, by_loops(at_township, period)) == "");
    CHECK(by_report.at(dushi).size() > 25);
    const Figures phone = of_report(report_of(liu, set, dushi, period));
    CHECK(difference(phone, by_loops(on_phone, period)) == "");
    // The phone of the village has what the township has of it.
    CHECK(difference({{dushi, phone.at(dushi)}}, {{dushi, by_report.at(dushi)}}) == "");
  }
}

}  // namespace doorstep::test
