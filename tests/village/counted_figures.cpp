#include "tests/village/counted_figures.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/set_value.hpp"

namespace doorstep::test {
namespace {

class Counter {
 public:
  Counter(const Records& records, const CountedPeriod& period)
      : records_(records), period_(period) {
    for (const Record& unit : rows("org_unit")) {
      if (text(unit, "level") == "village") villages_.insert(text(unit, "code"));
    }
    for (const Record& home : rows("household")) {
      if (villages_.contains(text(home, "village_code")))
        village_of_home_[text(home, "id")] = text(home, "village_code");
    }
    for (const Record& person : rows("resident")) {
      const auto home = village_of_home_.find(text(person, "household_id"));
      if (home != village_of_home_.end()) village_of_person_[text(person, "id")] = home->second;
    }
  }

  std::map<std::string, std::map<std::string, double>> count() {
    count_people();
    count_visits();
    count_must_visits();
    count_care();
    count_orders();
    count_money();
    count_things();
    count_inspections();
    count_open_work();
    for (auto& [village, figures] : counted_)
      std::erase_if(figures, [](const auto& one) { return one.second == 0; });
    return counted_;
  }

 private:
  const std::vector<Record>& rows(const std::string& table) const { return records_.at(table); }
  bool in_period(const std::string& day) const {
    return !day.empty() && day >= period_.from && day <= period_.until;
  }
  void add(const std::string& figure, const std::string& village, double amount = 1) {
    if (villages_.contains(village)) counted_[village][figure] += amount;
  }
  std::string village_of(const std::map<std::string, std::string>& places,
                         const std::string& id) const {
    const auto found = places.find(id);
    return found == places.end() ? "" : found->second;
  }
  std::string home_village(const Record& row) const {
    return village_of(village_of_home_, text(row, "household_id"));
  }
  std::string person_village(const Record& row) const {
    return village_of(village_of_person_, text(row, "resident_id"));
  }
  bool lives(const Record& person) const {
    const std::string died = text(person, "deceased_on");
    return died.empty() || died > period_.until;
  }
  /// Ids that a later row of the table corrects.
  std::set<std::string> corrected(const std::string& table) const {
    std::set<std::string> ids;
    for (const Record& row : rows(table)) {
      const std::string target = text(row, "corrects_id");
      if (!target.empty()) ids.insert(target);
    }
    return ids;
  }
  /// Calls `see` with each row that stands.
  template <class See>
  void each_standing(const std::string& table, const See& see) const {
    const auto gone = corrected(table);
    for (const Record& row : rows(table)) {
      if (!gone.contains(text(row, "id"))) see(row);
    }
  }

  void count_people() {
    for (const Record& home : rows("household")) add("households", text(home, "village_code"));
    for (const Record& person : rows("resident")) {
      const std::string village = village_of(village_of_person_, text(person, "id"));
      if (!lives(person) || village.empty()) continue;
      living_[text(person, "id")] = &person;
      add("residents", village);
      const std::string born = text(person, "born");
      if (!born.empty() && born <= shifted(period_.half_ends, -60, 0))
        elders_.insert(text(person, "id"));
    }
  }

  void count_visits() {
    std::set<std::string> homes;
    each_standing("visit", [&](const Record& visit) {
      const std::string village = home_village(visit);
      if (village.empty()) return;
      const std::string home = text(visit, "household_id");
      visits_of_[home].push_back(&visit);
      if (!in_period(text(visit, "visited_on"))) return;
      add("visits", village);
      if (homes.insert(home).second) add("households_visited", village);
    });
    for (const auto& [home, visits] : visits_of_) {
      for (const Record* first : visits) {
        const std::string due = text(*first, "follow_up_on");
        if (!in_period(due)) continue;
        add("follow_ups_due", village_of_home_.at(home));
        const bool done = std::any_of(visits.begin(), visits.end(), [&](const Record* second) {
          const std::string day = text(*second, "visited_on");
          return day > text(*first, "visited_on") && day >= shifted(due, 0, -3) &&
                 day <= shifted(due, 0, 7);
        });
        if (done) add("follow_ups_done", village_of_home_.at(home));
      }
    }
  }

  void must_visit(const std::string& home, const std::string& reason, const std::string& day) {
    const std::string village = village_of(village_of_home_, home);
    add("must_visits_due", village);
    for (const Record* visit : visits_of_[home]) {
      const std::string on = text(*visit, "visited_on");
      if (text(*visit, "kind") != reason || on < shifted(day, 0, -3) || on > shifted(day, 0, 7))
        continue;
      add("must_visits_done", village);
      return;
    }
  }

  void count_must_visits() {
    const std::set<std::string> years{period_.from.substr(0, 4), period_.until.substr(0, 4)};
    for (const auto& [id, person] : living_) {
      const std::string born = text(*person, "born");
      const bool old = !born.empty() && born <= shifted(period_.until, -60, 0);
      if (born.empty() || (!old && person->at("labels").is_null())) continue;
      for (const std::string& year : years) {
        const std::string birthday = shifted(year + born.substr(4), 0, 0);
        if (in_period(birthday)) must_visit(text(*person, "household_id"), "birthday", birthday);
      }
    }
    // One family, one reason and one day: one visit.
    std::set<std::vector<std::string>> seen;
    for (const Record& stay : rows("hospital_stay")) {
      const auto patient = living_.find(text(stay, "resident_id"));
      if (patient == living_.end() || !in_period(text(stay, "admitted_on"))) continue;
      const std::string home = text(*patient->second, "household_id");
      if (seen.insert({home, text(*patient->second, "name"), "illness", text(stay, "admitted_on")})
              .second)
        must_visit(home, "illness", text(stay, "admitted_on"));
    }
    for (const Record& emergency : rows("emergency")) {
      const std::string day = text(emergency, "happened_on");
      const std::string home = text(emergency, "household_id");
      if (!in_period(day) || home_village(emergency).empty()) continue;
      if (seen.insert({home, "", text(emergency, "kind"), day}).second)
        must_visit(home, text(emergency, "kind"), day);
    }
    for (const Record& festival : rows("festival")) count_festival(festival, seen);
  }

  void count_festival(const Record& festival, std::set<std::vector<std::string>>& seen) {
    const std::string day = text(festival, "on_date");
    if (!in_period(day)) return;
    const auto wanted = parse_set(festival.at("labels")).value_or(SetElements{});
    std::set<std::string> homes;
    if (wanted.empty()) {
      for (const auto& [home, village] : village_of_home_) homes.insert(home);
    }
    for (const auto& [id, person] : living_) {
      const auto labels = parse_set(person->at("labels")).value_or(SetElements{});
      const bool one_of = std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
        return std::find(wanted.begin(), wanted.end(), label) != wanted.end();
      });
      if (one_of) homes.insert(text(*person, "household_id"));
    }
    for (const std::string& home : homes) {
      if (seen.insert({home, "", "festival", day}).second) must_visit(home, "festival", day);
    }
  }

  void count_care() {
    std::set<std::string> checked;
    each_standing("health_check", [&](const Record& check) {
      if (text(check, "half_year") == period_.half_year) checked.insert(text(check, "resident_id"));
    });
    for (const std::string& elder : elders_) {
      add("checks_due", village_of_person_.at(elder));
      if (checked.contains(elder)) add("checks_done", village_of_person_.at(elder));
    }
    each_standing("help_given", [&](const Record& help) {
      if (in_period(text(help, "given_on"))) add("helps_given", person_village(help));
    });
    std::set<std::string> children;
    std::map<std::string, std::string> village_of_pair;
    for (const Record& pair : rows("child_pair")) {
      village_of_pair[text(pair, "id")] = person_village(pair);
      const std::string child = text(pair, "resident_id");
      if (!living_.contains(child)) continue;
      if (text(pair, "state") == "offered") add("pairs_to_decide", person_village(pair));
      if (text(pair, "state") == "accepted" && children.insert(child).second)
        add("children_paired", person_village(pair));
    }
    each_standing("pair_session", [&](const Record& session) {
      if (in_period(text(session, "held_on")))
        add("pair_minutes", village_of(village_of_pair, text(session, "pair_id")),
            static_cast<double>(number(session, "minutes")));
    });
  }

  void count_orders() {
    std::map<std::string, std::vector<double>> ratings;
    for (const Record& order : rows("service_order")) {
      const std::string state = text(order, "state");
      const std::string asked = text(order, "ordered_on");
      const std::string village = home_village(order);
      if ((state == "ordered" || state == "claimed") && !asked.empty() && asked <= period_.until)
        add("orders_open", village);
      if ((state != "done" && state != "rated") || !in_period(text(order, "done_on"))) continue;
      add("orders_done", village);
      if (state == "rated" && !order.at("rating").is_null())
        ratings[village].push_back(static_cast<double>(number(order, "rating")));
    }
    add_means("rating_mean", ratings);
  }

  void add_means(const std::string& figure, const std::map<std::string, std::vector<double>>& all) {
    for (const auto& [village, values] : all) {
      double sum = 0;
      for (const double value : values) sum += value;
      add(figure, village, sum / static_cast<double>(values.size()));
    }
  }

  void count_money() {
    for (const Record& entry : rows("fund_entry")) {
      const auto fen = static_cast<double>(number(entry, "amount_fen"));
      const std::string village = text(entry, "village_code");
      const std::string day = text(entry, "entered_on");
      if (day <= period_.until) add("fund_balance_fen", village, fen);
      if (!in_period(day)) continue;
      const bool gift = text(entry, "kind") == "donation";
      add(gift ? "fund_in_fen" : "fund_out_fen", village, gift ? fen : -fen);
    }
    std::map<std::string, std::string> village_of_policy;
    for (const Record& policy : rows("insurance_policy"))
      village_of_policy[text(policy, "id")] = person_village(policy);
    std::map<std::string, std::string> village_of_stay;
    for (const Record& stay : rows("hospital_stay"))
      village_of_stay[text(stay, "id")] = person_village(stay);
    each_standing("premium", [&](const Record& premium) {
      if (in_period(text(premium, "paid_on")))
        add("premiums_fen", village_of(village_of_policy, text(premium, "policy_id")),
            static_cast<double>(number(premium, "amount_fen")));
    });
    each_standing("claim_payment", [&](const Record& payment) {
      if (!in_period(text(payment, "paid_on"))) return;
      const bool insurance = text(payment, "kind") == "insurance";
      add(insurance ? "claims_fen" : "nursing_subsidy_fen",
          village_of(village_of_stay, text(payment, "stay_id")),
          static_cast<double>(number(payment, "amount_fen")));
    });
    for (auto& [village, figures] : counted_) {
      if (figures["premiums_fen"] != 0)
        figures["loss_ratio"] = 100 * figures["claims_fen"] / figures["premiums_fen"];
    }
  }

  void count_things() {
    for (const Record& supply : rows("supply")) {
      add("supplies_in_stock", text(supply, "village_code"),
          static_cast<double>(number(supply, "stock")));
      add("supplies_given", text(supply, "village_code"),
          static_cast<double>(number(supply, "given")));
    }
    for (const Record& one : rows("outflow")) {
      if (!living_.contains(text(one, "resident_id"))) continue;
      const std::string left = text(one, "left_on");
      const std::string back = text(one, "returned_on");
      if (left.empty() || left > period_.until || (!back.empty() && back <= period_.until))
        continue;
      if (away_.insert(text(one, "resident_id")).second) add("away", person_village(one));
    }
    for (const Record& one : rows("inflow")) {
      const std::string came = text(one, "arrived_on");
      const std::string left = text(one, "left_on");
      if (!came.empty() && came <= period_.until && (left.empty() || left > period_.until))
        add("arrived", text(one, "village_code"));
    }
  }

  void count_inspections() {
    // The newest of each inspector, by day and then by id.
    std::map<std::string, std::map<std::string, const Record*>> newest;
    each_standing("inspection", [&](const Record& one) {
      if (text(one, "quarter") != period_.quarter || home_village(one).empty()) return;
      const Record*& best = newest[text(one, "household_id")][text(one, "inspector")];
      const auto key = [](const Record& row) {
        return std::pair(text(row, "inspected_on"), text(row, "id"));
      };
      if (best == nullptr || key(one) > key(*best)) best = &one;
    });
    std::map<std::string, std::vector<double>> scores;
    for (const auto& [home, inspectors] : newest) {
      double sum = 0;
      for (const auto& [name, row] : inspectors) sum += static_cast<double>(number(*row, "score"));
      add("homes_inspected", village_of_home_.at(home));
      scores[village_of_home_.at(home)].push_back(sum / static_cast<double>(inspectors.size()));
    }
    add_means("hygiene_mean", scores);
  }

  void count_open_work() {
    std::set<std::string> blocked;
    for (const Record& objection : rows("objection")) {
      if (text(objection, "settled_on").empty()) blocked.insert(text(objection, "project_id"));
    }
    for (const Record& project : rows("project")) {
      const std::string state = text(project, "state");
      if (state == "paid" || state == "refused") continue;
      add("projects_open", text(project, "village_code"));
      if (blocked.contains(text(project, "id")))
        add("projects_blocked", text(project, "village_code"));
    }
    for (const Record& talk : rows("survey_response")) {
      const std::string day = text(talk, "interviewed_on");
      if (day.empty() || day > period_.until || !living_.contains(text(talk, "resident_id")))
        continue;
      add(number(talk, "completed") == 1 ? "surveys_completed" : "surveys_begun",
          person_village(talk));
    }
    for (const Record& opinion : rows("opinion")) {
      if (text(opinion, "state") == "raised" && text(opinion, "raised_on") <= period_.until)
        add("opinions_open", text(opinion, "village_code"));
    }
    for (const Record& paper : rows("certificate")) {
      const std::string asked = text(paper, "requested_on");
      if (text(paper, "state") == "delivered") {
        if (in_period(text(paper, "delivered_on")))
          add("certificates_delivered", person_village(paper));
      } else if (!asked.empty() && asked <= period_.until &&
                 living_.contains(text(paper, "resident_id"))) {
        add("certificates_open", person_village(paper));
      }
    }
  }

  const Records& records_;
  const CountedPeriod& period_;
  std::set<std::string> villages_;
  std::map<std::string, std::string> village_of_home_;
  std::map<std::string, std::string> village_of_person_;
  std::map<std::string, const Record*> living_;
  std::set<std::string> elders_;
  std::set<std::string> away_;
  std::map<std::string, std::vector<const Record*>> visits_of_;
  std::map<std::string, std::map<std::string, double>> counted_;
};

}  // namespace

std::map<std::string, std::map<std::string, double>> count_figures(const Records& records,
                                                                   const CountedPeriod& period) {
  return Counter(records, period).count();
}

}  // namespace doorstep::test
