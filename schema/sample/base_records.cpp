#include "schema/sample/base_records.hpp"

#include <algorithm>
#include <tuple>

#include "engine/core/set_value.hpp"
#include "schema/figures/period.hpp"
#include "schema/sample/people.hpp"
#include "schema/sample/phrases.hpp"

namespace doorstep::sample {
namespace {

constexpr int days_in_year = 365;
constexpr int order_count = 60;
constexpr int fund_entry_count = 48;

struct VisitPlan {
  std::size_t household = 0;
  Day day;
  Instant typed;
};

class BaseRecords {
 public:
  BaseRecords(Dice& dice, const VillagePlace& place, Day reference, RowWriter& rows)
      : dice_(dice), place_(place), reference_(reference), rows_(rows) {}

  VillagePeople make(std::vector<Home>& homes) {
    homes_ = draw_homes(dice_, reference_, place_.size);
    add_members();
    const std::vector<VisitPlan> visits = plan_visits();
    add_households();
    add_residents();
    for (const VisitPlan& visit : visits) add_visit(visit);
    add_checks();
    add_orders();
    add_fund_entries();
    add_supplies();
    // What the residents point at stays where it is.
    homes = std::move(homes_);
    return {std::string(place_.code), reference_, std::move(staff_), std::move(households_)};
  }

 private:
  [[nodiscard]] Day day_of_the_year() {
    return reference_ - std::chrono::days(dice_.between(0, days_in_year - 1));
  }
  /// When the registers were first typed in: two years ago, a few a minute.
  [[nodiscard]] Instant registered(int minute) const {
    return moment(reference_ - std::chrono::days(2 * days_in_year), minute);
  }
  [[nodiscard]] const Staff& any_staff() {
    return staff_[static_cast<std::size_t>(dice_.between(0, static_cast<int>(staff_.size()) - 1))];
  }
  [[nodiscard]] const Household& any_household() {
    return households_[static_cast<std::size_t>(
        dice_.between(0, static_cast<int>(households_.size()) - 1))];
  }

  void add_members() {
    UuidSource ids;
    const auto add = [&](std::string_view post, int count) {
      for (int i = 0; i < count; ++i) add_member(ids, post);
    };
    add("秘书长", 1);
    add("村医", 1);
    add("妇女主任", 1);
    add("组长", villager_group_count);
    add("理事", 9);
    add("骨干会员", 4);
    add("志愿者", 12);
  }

  void add_member(UuidSource& ids, std::string_view post) {
    const bool female = dice_.percent(55);
    std::string name(draw_surname(dice_));
    name += draw_given_name(dice_, female);
    Value id = dice_.id(ids, registered(static_cast<int>(staff_.size())));
    rows_.begin("member", id);
    rows_.put("unit_code", place_.code);
    rows_.put("name", name);
    rows_.put("post", post);
    rows_.put("phone", draw_phone(dice_));
    SetElements skills;
    for (int i = dice_.between(1, 3); i > 0; --i)
      skills = apply_edit(skills, {{std::string(dice_.pick(sample::skills()))}, {}});
    rows_.put("skills", format_set(skills));
    rows_.put("joined_on", reference_ - std::chrono::days(dice_.between(400, 9 * days_in_year)));
    const Day active = reference_ - std::chrono::days(dice_.between(0, 40));
    rows_.put("last_active", Value::integer(moment(active, dice_.between(0, 700)).ms));
    staff_.push_back({std::move(id), std::move(name)});
  }

  /// About ten visits to each household, in the order in which they were typed; also fixes
  /// last_visited.
  std::vector<VisitPlan> plan_visits() {
    households_.resize(homes_.size());
    std::vector<VisitPlan> plans;
    for (std::size_t i = 0; i < homes_.size(); ++i) {
      for (int left = dice_.between(6, 14); left > 0; --left) {
        const Day day = day_of_the_year();
        const int minutes_after = dice_.between(60, 2 * 24 * 60);
        plans.push_back(
            {i, day, std::min(moment(day, minutes_after), moment(reference_, 24 * 60 - 1))});
        households_[i].last_visited = std::max(households_[i].last_visited, day);
      }
    }
    std::sort(plans.begin(), plans.end(), [](const VisitPlan& a, const VisitPlan& b) {
      return std::tie(a.typed, a.household, a.day) < std::tie(b.typed, b.household, b.day);
    });
    return plans;
  }

  void add_households() {
    UuidSource ids;
    std::string courtyard;
    for (std::size_t i = 0; i < homes_.size(); ++i) {
      Household& household = households_[i];
      household.home = &homes_[i];
      household.id = dice_.id(ids, registered(100 + 3 * static_cast<int>(i)));
      if (i % 12 == 0) courtyard = draw_courtyard(dice_);
      rows_.begin("household", household.id);
      rows_.put("village_code", place_.code);
      rows_.put("villager_group", Value::integer(household.home->group));
      rows_.put("courtyard", courtyard);
      rows_.put("head_name", household.home->people.front().name);
      if (dice_.percent(92)) rows_.put("phone", draw_phone(dice_));
      rows_.put("address", std::string(place_.short_name) + std::to_string(household.home->group) +
                               "组" + courtyard + std::to_string(i % 12 + 1) + "号");
      rows_.put("last_visited", household.last_visited);
      if (dice_.percent(20)) rows_.put("remarks", dice_.pick(household_remarks()));
    }
  }

  void add_residents() {
    UuidSource ids;
    int minute = 2000;
    for (Household& household : households_) {
      for (const Person& person : household.home->people) {
        Value id = dice_.id(ids, registered(minute++));
        rows_.begin("resident", id);
        rows_.put("household_id", household.id);
        rows_.put("name", person.name);
        rows_.put("sex", person.female ? "f" : "m");
        rows_.put("born", person.born);
        rows_.put("relation", person.relation);
        if (person.years >= child_years && dice_.percent(60)) rows_.put("phone", draw_phone(dice_));
        rows_.put("labels", format_set(person.labels));
        household.residents.push_back({std::move(id), &person});
      }
    }
  }

  void add_visit(const VisitPlan& plan) {
    const Household& household = households_[plan.household];
    const auto someone = [&](auto fits) {
      return std::any_of(household.residents.begin(), household.residents.end(),
                         [&](const Resident& resident) { return fits(resident.person->years); });
    };
    const bool elder = someone([](int years) { return years >= elder_years; });
    const bool child = someone([](int years) { return years < child_years; });
    const Value id = write_visit(plan, plan.typed, elder, child, Value::null());
    // Now and then the visitor corrects what she wrote, half an hour later.
    if (dice_.percent(1)) write_visit(plan, plan.typed + 30 * 60'000, elder, child, id);
  }

  Value write_visit(const VisitPlan& plan, Instant typed, bool elder, bool child,
                    const Value& corrects) {
    const Household& household = households_[plan.household];
    Value id = dice_.id(visit_ids_, typed);
    rows_.begin("visit", id);
    rows_.put("household_id", household.id);
    if (dice_.percent(40)) {
      const int last = static_cast<int>(household.residents.size()) - 1;
      rows_.put("resident_id",
                household.residents[static_cast<std::size_t>(dice_.between(0, last))].id);
    }
    rows_.put("visitor", any_staff().name);
    rows_.put("visited_on", plan.day);
    rows_.put("typed_at", Value::integer(typed.ms));
    rows_.put("kind", dice_.percent(65) ? visit_kinds().front() : dice_.pick(visit_kinds()));
    rows_.put("findings", draw_findings(dice_, elder, child));
    if (dice_.percent(15))
      rows_.put("follow_up_on", plan.day + std::chrono::days(dice_.between(7, 45)));
    rows_.put("corrects_id", corrects);
    return id;
  }

  /// Everyone from 60 on, in the half-year that holds the reference day and in the one before.
  void add_checks() {
    const figures::Period now = figures::period_of(figures::Period::Kind::half_year, reference_);
    const figures::Period earlier = figures::before(now);
    UuidSource ids;
    add_round_of_checks(ids, earlier, earlier.until);
    add_round_of_checks(ids, now, reference_);
  }

  void add_round_of_checks(UuidSource& ids, const figures::Period& half, Day to) {
    std::vector<std::pair<Day, const Resident*>> due;
    for (const Household& household : households_) {
      for (const Resident& resident : household.residents) {
        if (resident.person->years < elder_years) continue;
        due.emplace_back(half.from + std::chrono::days(dice_.between(
                                         0, static_cast<int>((to - half.from).count()))),
                         &resident);
      }
    }
    std::stable_sort(due.begin(), due.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [day, resident] : due) {
      rows_.begin("health_check", dice_.id(ids, moment(day, dice_.between(60, 600))));
      rows_.put("resident_id", resident->id);
      rows_.put("checked_on", day);
      rows_.put("half_year", half.name);
      const int systolic = dice_.between(104, 172);
      rows_.put("systolic_mmhg", Value::integer(systolic));
      rows_.put("diastolic_mmhg", Value::integer(systolic / 2 + dice_.between(4, 18)));
      rows_.put("glucose_mmol_l", Value::real(dice_.between(39, 92) / 10.0));
      rows_.put("weight_kg", Value::real(dice_.between(390, 820) / 10.0));
      if (dice_.percent(30)) rows_.put("ecg_note", dice_.pick(ecg_notes()));
      rows_.put("examiner", staff_[1].name);
    }
  }

  void add_orders() {
    UuidSource ids;
    for (int i = 0; i < order_count; ++i) {
      const Day day =
          reference_ - std::chrono::days((order_count - i) * days_in_year / order_count);
      rows_.begin("service_order", dice_.id(ids, moment(day, dice_.between(0, 600))));
      rows_.put("household_id", any_household().id);
      rows_.put("service", dice_.pick(services()));
      rows_.put("ordered_on", day);
      rows_.put("wanted_on", day + std::chrono::days(dice_.between(1, 10)));
      const int stage = dice_.between(0, 9);
      if (stage >= 2) {
        rows_.put("claimed_by", any_staff().id);
        rows_.put("claimed_at", Value::integer(moment(day, dice_.between(600, 2000)).ms));
      }
      rows_.put("state", stage < 2   ? "ordered"
                         : stage < 4 ? "claimed"
                         : stage < 6 ? "done"
                                     : "rated");
      if (stage >= 4) rows_.put("done_on", day + std::chrono::days(dice_.between(1, 12)));
      if (stage >= 6) rows_.put("rating", Value::integer(dice_.between(3, 5)));
    }
  }

  /// Every fourth entry is a donation; a payout never exceeds what lies in the fund. Ends with a
  /// payout that was typed in by mistake and its reversal.
  void add_fund_entries() {
    UuidSource ids;
    std::int64_t balance_fen = 0;
    const auto add = [&](int number, std::int64_t fen, std::string_view kind,
                         std::string_view purpose) {
      const Day day = reference_ - std::chrono::days((fund_entry_count + 1 - number) *
                                                     days_in_year / (fund_entry_count + 2));
      Value id = dice_.id(ids, moment(day, dice_.between(0, 600)));
      rows_.begin("fund_entry", id);
      rows_.put("village_code", place_.code);
      rows_.put("entered_on", day);
      rows_.put("amount_fen", Value::integer(fen));
      rows_.put("kind", kind);
      rows_.put("purpose", purpose);
      rows_.put("approver", staff_.front().name);
      balance_fen += fen;
      return id;
    };
    static constexpr std::array<std::string_view, 5> purposes = {"elders", "births", "scholarship",
                                                                 "sport", "hardship"};
    for (int i = 0; i < fund_entry_count - 2; ++i) {
      if (i % 4 == 0) {
        add(i, dice_.between(50, 600) * 10'000, "donation", "general");
      } else {
        const std::int64_t wanted = dice_.between(1, 20) * 10'000;
        const std::string_view purpose = dice_.pick(purposes);
        add(i, -std::min(wanted, balance_fen), "payout", purpose);
      }
    }
    const std::int64_t mistaken = std::min<std::int64_t>(10'000, balance_fen);
    const Value wrong = add(fund_entry_count - 2, -mistaken, "payout", "elders");
    add(fund_entry_count - 1, mistaken, "reversal", "elders");
    rows_.put("corrects_id", wrong);
  }

  void add_supplies() {
    struct Supply {
      std::string_view name;
      std::string_view unit;
    };
    static constexpr std::array<Supply, 8> supplies = {{{"宣传礼盒", "盒"},
                                                        {"大米", "袋"},
                                                        {"食用油", "桶"},
                                                        {"血压计", "台"},
                                                        {"血糖试纸", "盒"},
                                                        {"口罩", "包"},
                                                        {"棉被", "床"},
                                                        {"课外书", "册"}}};
    UuidSource ids;
    for (const Supply& supply : supplies) {
      rows_.begin("supply", dice_.id(ids, registered(dice_.between(6000, 6100))));
      const int given = dice_.between(0, 300);
      rows_.put("village_code", place_.code);
      rows_.put("name", supply.name);
      rows_.put("unit", supply.unit);
      rows_.put("stock", Value::integer(dice_.between(5, 800)));
      rows_.put("given", Value::integer(given));
      rows_.put("people_reached", Value::integer(given * dice_.between(1, 3)));
      rows_.put("last_counted", day_of_the_year());
    }
  }

  Dice& dice_;
  const VillagePlace& place_;
  Day reference_;
  RowWriter& rows_;
  UuidSource visit_ids_;
  std::vector<Home> homes_;
  std::vector<Household> households_;
  std::vector<Staff> staff_;
};

}  // namespace

VillagePeople add_base_records(Dice& dice, const VillagePlace& place, Day reference,
                               std::vector<Home>& homes, RowWriter& rows) {
  return BaseRecords(dice, place, reference, rows).make(homes);
}

}  // namespace doorstep::sample
