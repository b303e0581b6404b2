#include "schema/sample/phrases.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 6> cities = {"广东东莞", "浙江义乌", "长沙市",
                                                    "广州市",   "怀化市",   "福建晋江"};

void add_member_homes(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int i = 0; i < 2; ++i) {
    rows.begin("member_home",
               dice.id(ids, moment(people.reference - days(700), dice.between(0, 900))));
    rows.put("village_code", people.code);
    rows.put("name", i == 0 ? "村部会员之家" : draw_courtyard(dice) + "会员之家");
    rows.put("opened_on", people.reference - days(dice.between(400, 900)));
    rows.put("equipment", i == 0 ? R"(["投影仪","血压计"])" : R"(["图书"])");
    rows.put("visitors", dice.between(100, 2000));
  }
}

// Of those who could work, some work elsewhere; a few have come back.
void add_outflows(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  each_resident(people, [&](const Household&, const Resident& resident) {
    const int years = resident.person->years;
    if (years < 20 || years > 52 || !dice.percent(25)) return;
    const Day left = people.reference - days(dice.between(20, 600));
    rows.begin("outflow", dice.id(ids, moment(left, dice.between(0, 900))));
    rows.put("resident_id", resident.id);
    rows.put("left_on", left);
    rows.put("destination", dice.pick(cities));
    rows.put("contact_phone", draw_phone(dice));
    if (dice.percent(50))
      rows.put("expected_return_on", people.reference + days(dice.between(10, 60)));
    if (dice.percent(8)) rows.put("returned_on", people.reference - days(dice.between(0, 19)));
  });
}

void add_inflows(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int i = dice.between(4, 16); i > 0; --i) {
    const Day arrived = people.any_day(dice);
    rows.begin("inflow", dice.id(ids, moment(arrived, dice.between(0, 900))));
    rows.put("village_code", people.code);
    std::string name(draw_surname(dice));
    name += draw_given_name(dice, dice.percent(50));
    rows.put("name", name);
    rows.put("origin", dice.pick(cities));
    rows.put("lodging_id", people.any_household(dice).id);
    rows.put("arrived_on", arrived);
    rows.put("contact_phone", draw_phone(dice));
    if (dice.percent(20))
      rows.put("left_on", std::min(arrived + days(dice.between(10, 90)), people.reference));
  }
}

void add_duties(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  int minute = 0;
  for (const Household& household : people.households) {
    rows.begin("contact_duty", dice.id(ids, moment(people.reference - days(400), minute++)));
    rows.put("household_id", household.id);
    rows.put("village_contact", people.any_staff(dice).id);
    rows.put("association_contact", people.any_staff(dice).id);
    rows.put("since", people.reference - days(400));
  }
}

void add_emergencies(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int i = dice.between(10, 30); i > 0; --i) {
    const Day day = people.any_day(dice);
    const bool illness = dice.percent(70);
    rows.begin("emergency", dice.id(ids, moment(day, dice.between(0, 900))));
    rows.put("household_id", people.any_household(dice).id);
    rows.put("kind", illness ? "illness" : "emergency");
    rows.put("happened_on", day);
    rows.put("notes", illness ? "家里有人卧床。" : "厨房起火，已扑灭。");
    rows.put("state", dice.percent(80) ? "closed" : "visited");
  }
}

void add_events(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int i = 0; i < 4; ++i) {
    const Day day = people.any_day(dice);
    rows.begin("event", dice.id(ids, moment(day, dice.between(0, 900))));
    rows.put("unit_code", people.code);
    rows.put("name", i == 0 ? "5·29会员日" : i == 1 ? "义诊" : "健康讲座");
    rows.put("held_on", day);
    rows.put("consultations", dice.between(20, 200));
    rows.put("free_clinics", dice.between(5, 60));
    rows.put("boxes_given", dice.between(10, 120));
    rows.put("helpers", "[\"" + people.any_staff(dice).name + "\"]");
  }
}

}  // namespace

void add_register_records(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  add_member_homes(dice, people, rows);
  add_outflows(dice, people, rows);
  add_inflows(dice, people, rows);
  add_duties(dice, people, rows);
  add_emergencies(dice, people, rows);
  add_events(dice, people, rows);
}

}  // namespace doorstep::sample
