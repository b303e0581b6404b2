#include "schema/sample/phrases.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

using std::chrono::days;

using figures::Period;

// Every household about once a quarter; in one of twenty two inspectors score the same one.
void add_inspections(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int quarter = 3; quarter >= 0; --quarter) {
    for (const Household& household : people.households) {
      if (dice.percent(10)) continue;
      const Day day = people.reference - days(91 * quarter + dice.between(0, 60));
      for (int times = dice.percent(5) ? 2 : 1; times > 0; --times) {
        rows.begin("inspection", dice.id(ids, moment(day, dice.between(60, 600))));
        rows.put("household_id", household.id);
        rows.put("quarter", figures::period_of(Period::Kind::quarter, day).name);
        rows.put("inspector", people.any_staff(dice).name);
        rows.put("inspected_on", day);
        rows.put("score", dice.between(55, 100));
      }
    }
  }
}

void add_awards(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  const int year = static_cast<int>(std::chrono::year_month_day{people.reference}.year());
  for (std::size_t i = 0; i < 12 && i < people.households.size(); ++i) {
    rows.begin("award", dice.id(ids, moment(people.reference, static_cast<int>(i))));
    rows.put("household_id", people.households[i * people.households.size() / 12].id);
    rows.put("year", year);
    rows.put("title", i % 3 == 0 ? "最美庭院" : i % 3 == 1 ? "清洁家庭" : "好婆媳");
    rows.put("awarded_on", people.reference);
  }
}

void add_statements(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  UuidSource opinion_ids;
  for (int month = 11; month >= 0; --month) {
    const Day day = people.reference - days(30 * month);
    const Value id = dice.id(ids, moment(day, 0));
    rows.begin("statement", id);
    rows.put("village_code", people.code);
    rows.put("month", figures::period_of(Period::Kind::month, day - days(30)).name);
    rows.put("topic", "fund");
    rows.put("figures", R"({"fund_in_fen":)" + std::to_string(1000 * dice.between(0, 900)) + "}");
    rows.put("hub_position", dice.between(1000, 9000));
    rows.put("digest", "0123456789abcdef0123456789abcdef");
    rows.put("posted_on", day);
    rows.put("posted_by", people.staff.front().name);
    if (!dice.percent(40)) continue;
    const bool answered = dice.percent(70);
    rows.begin("opinion", dice.id(opinion_ids, moment(day, dice.between(60, 600))));
    rows.put("village_code", people.code);
    rows.put("statement_id", id);
    rows.put("raised_on", day);
    rows.put("content", "这笔支出给了谁？");
    rows.put("state", answered ? "answered" : "raised");
    if (!answered) continue;
    rows.put("answered_on", std::min(day + days(3), people.reference));
    rows.put("answer", "给了住院的两户，名单已公示。");
  }
}

void add_closed_period(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  const Day day = people.reference - days(170);
  rows.begin("closed_period", dice.id(ids, moment(day, 0)));
  rows.put("unit_code", people.code);
  rows.put("period", figures::period_of(Period::Kind::half_year, day).name);
  rows.put("figures", R"({"checks_done":)" + std::to_string(dice.between(100, 200)) + "}");
  rows.put("hub_position", dice.between(1000, 9000));
  rows.put("digest", "fedcba9876543210fedcba9876543210");
  rows.put("closed_on", day);
  rows.put("closed_by", people.staff.front().name);
}

}  // namespace

void add_public_records(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  add_inspections(dice, people, rows);
  add_awards(dice, people, rows);
  add_statements(dice, people, rows);
  add_closed_period(dice, people, rows);
}

}  // namespace doorstep::sample
