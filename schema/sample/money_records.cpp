#include "schema/sample/phrases.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

using std::chrono::days;

constexpr int subsidy_fen_a_day = 10'000;

Value fen(std::int64_t amount) { return Value::integer(amount); }

void add_policies(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  UuidSource premium_ids;
  each_resident(people, [&](const Household&, const Resident& resident) {
    if (resident.person->years < 30 || !dice.percent(30)) return;
    const Day begins = people.any_day(dice);
    const Value id = dice.id(ids, moment(begins, dice.between(0, 600)));
    rows.begin("insurance_policy", id);
    rows.put("resident_id", resident.id);
    rows.put("product", "计生家庭综合保险");
    rows.put("policy_number", "PH" + std::to_string(dice.between(10'000'000, 99'999'999)));
    rows.put("begins_on", begins);
    rows.put("ends_on", begins + days(364));
    rows.begin("premium", dice.id(premium_ids, moment(begins, dice.between(0, 600))));
    rows.put("policy_id", id);
    rows.put("paid_on", begins);
    rows.put("amount_fen", fen(1000 * dice.between(10, 40)));
  });
}

void add_payment(Dice& dice, const Value& stay, std::string_view kind, Day day, std::int64_t amount,
                 UuidSource& ids, RowWriter& rows) {
  rows.begin("claim_payment", dice.id(ids, moment(day, dice.between(0, 600))));
  rows.put("stay_id", stay);
  rows.put("kind", kind);
  rows.put("paid_on", day);
  rows.put("amount_fen", fen(amount));
}

void add_stays(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  UuidSource payment_ids;
  for (int i = dice.between(30, 70); i > 0; --i) {
    const Day admitted = people.any_day(dice);
    const int nights = dice.between(2, 18);
    const Value id = dice.id(ids, moment(admitted, dice.between(0, 600)));
    rows.begin("hospital_stay", id);
    rows.put("resident_id", people.any_resident(dice).id);
    rows.put("hospital", dice.percent(70) ? "县人民医院" : "镇卫生院");
    rows.put("admitted_on", admitted);
    rows.put("discharged_on", admitted + days(nights));
    rows.put("nursing_days", nights);
    const Day paid = std::min(admitted + days(nights + dice.between(3, 30)), people.reference);
    if (dice.percent(70)) {
      add_payment(dice, id, "nursing_subsidy", paid, std::int64_t{subsidy_fen_a_day} * nights,
                  payment_ids, rows);
    }
    if (dice.percent(35)) {
      const std::int64_t amount = std::int64_t{10'000} * dice.between(2, 30);
      add_payment(dice, id, "insurance", paid, amount, payment_ids, rows);
    }
  }
}

// Through the gates as far as it came: what a later gate needs is there.
void add_project(Dice& dice, const VillagePeople& people, int passed, UuidSource& ids,
                 RowWriter& rows, Value& id) {
  static constexpr std::array<std::string_view, 5> states = {"applied", "surveyed", "voted",
                                                             "publicised", "paid"};
  const Day applied = people.reference - days(dice.between(60, 340));
  id = dice.id(ids, moment(applied, dice.between(0, 600)));
  rows.begin("project", id);
  rows.put("village_code", people.code);
  rows.put("household_id", people.any_household(dice).id);
  rows.put("kind", dice.percent(40) ? "loan_interest" : "hardship_aid");
  rows.put("purpose", dice.percent(50) ? "养牛贷款贴息" : "大病救助");
  const std::int64_t amount = std::int64_t{10'000} * dice.between(5, 50);
  rows.put("amount_fen", fen(amount));
  rows.put("applied_on", applied);
  rows.put("state", states[static_cast<std::size_t>(passed)]);
  if (passed >= 1) {
    rows.put("surveyed_on", applied + days(5));
    rows.put("surveyed_by", people.any_staff(dice).name);
    rows.put("survey_finding", "情况属实。");
  }
  if (passed >= 2) {
    rows.put("voted_on", applied + days(12));
    rows.put("votes_for", dice.between(20, 40));
    rows.put("votes_against", dice.between(0, 10));
  }
  if (passed >= 3) {
    rows.put("public_from", applied + days(14));
    rows.put("public_until", applied + days(21));
  }
  if (passed >= 4) {
    rows.put("paid_on", applied + days(25));
    rows.put("paid_fen", fen(amount));
  }
}

void add_projects(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  UuidSource objection_ids;
  for (int i = 0; i < 10; ++i) {
    const int passed = i % 5;
    Value id;
    add_project(dice, people, passed, ids, rows, id);
    if (passed != 3 && !(passed == 4 && i > 5)) continue;
    const bool settled = passed == 4;
    rows.begin("objection",
               dice.id(objection_ids, moment(people.reference - days(50), dice.between(0, 600))));
    rows.put("project_id", id);
    rows.put("raised_on", people.reference - days(50));
    rows.put("raised_by", "一位村民");
    rows.put("reason", "他家条件比我家好。");
    if (settled) {
      rows.put("settled_on", people.reference - days(48));
      rows.put("settlement", "已入户复核，本人认可。");
    }
  }
}

}  // namespace

void add_money_records(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  add_policies(dice, people, rows);
  add_stays(dice, people, rows);
  add_projects(dice, people, rows);
}

}  // namespace doorstep::sample
