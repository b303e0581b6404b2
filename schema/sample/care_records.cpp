#include "schema/sample/phrases.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 7> helps = {"medical", "nursing", "labour",  "kitchen",
                                                   "washing", "support", "learning"};
constexpr std::array<std::string_view, 4> sessions = {"tutoring", "welfare", "sports",
                                                      "video_call"};
constexpr std::array<std::string_view, 4> papers = {"birth", "disability", "elder_card",
                                                    "single_child"};

void add_helps(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  each_resident(people, [&](const Household&, const Resident& resident) {
    if (!has_label(*resident.person, "empty_nest")) return;
    for (int i = dice.between(2, 9); i > 0; --i) {
      const Day day = people.any_day(dice);
      rows.begin("help_given", dice.id(ids, moment(day, dice.between(60, 600))));
      rows.put("resident_id", resident.id);
      rows.put("kind", dice.pick(helps));
      rows.put("given_on", day);
      rows.put("helper", people.any_staff(dice).name);
      rows.put("minutes", 10 * dice.between(1, 18));
    }
  });
}

void add_sessions(Dice& dice, const VillagePeople& people, const Value& pair, UuidSource& ids,
                  RowWriter& rows) {
  for (int i = dice.between(3, 14); i > 0; --i) {
    const Day day = people.any_day(dice);
    rows.begin("pair_session", dice.id(ids, moment(day, dice.between(60, 600))));
    rows.put("pair_id", pair);
    rows.put("kind", dice.pick(sessions));
    rows.put("held_on", day);
    rows.put("minutes", 5 * dice.between(2, 24));
  }
}

// Most children have somebody; of the others some have an offer that waits for the secretary.
void add_pairs(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  UuidSource session_ids;
  each_resident(people, [&](const Household&, const Resident& resident) {
    if (!has_label(*resident.person, "left_behind") || dice.percent(10)) return;
    const bool accepted = dice.percent(80);
    const Value id = dice.id(ids, moment(people.reference - days(380), dice.between(0, 900)));
    rows.begin("child_pair", id);
    rows.put("resident_id", resident.id);
    rows.put("volunteer_id", people.any_staff(dice).id);
    rows.put("offered_on", people.reference - days(380));
    rows.put("goal", "每周辅导作业一次");
    rows.put("state", accepted ? "accepted" : "offered");
    if (accepted) add_sessions(dice, people, id, session_ids, rows);
  });
}

void add_certificates(Dice& dice, const VillagePeople& people, RowWriter& rows) {
  UuidSource ids;
  for (int i = dice.between(20, 50); i > 0; --i) {
    const Day asked = people.any_day(dice);
    const int stage = dice.between(0, 9);
    rows.begin("certificate", dice.id(ids, moment(asked, dice.between(0, 600))));
    rows.put("resident_id", people.any_resident(dice).id);
    rows.put("kind", dice.pick(papers));
    rows.put("requested_on", asked);
    rows.put("state", stage < 2 ? "requested" : stage < 4 ? "issued" : "delivered");
    if (stage >= 2) {
      rows.put("number", "4312" + std::to_string(dice.between(100'000, 999'999)));
      rows.put("issued_on", asked + days(dice.between(1, 6)));
    }
    if (stage >= 4) {
      rows.put("delivered_on", asked + days(dice.between(7, 15)));
      rows.put("delivered_by", people.any_staff(dice).name);
    }
  }
}

// Elders are asked; about two in three were, and some talks wait to be finished.
void add_answers(Dice& dice, const VillagePeople& people, const Value& survey, RowWriter& rows) {
  static constexpr std::array<std::array<std::string_view, 2>, 3> questions = {
      {{"lives_with", "老伴"}, {"meals", "3"}, {"wish", "有人说说话"}}};
  UuidSource ids;
  UuidSource answer_ids;
  each_resident(people, [&](const Household&, const Resident& resident) {
    if (resident.person->years < elder_years || !dice.percent(66)) return;
    const bool completed = dice.percent(85);
    const Day day = people.reference - days(dice.between(0, 90));
    const Value id = dice.id(ids, moment(day, dice.between(60, 600)));
    rows.begin("survey_response", id);
    rows.put("resident_id", resident.id);
    rows.put("survey_id", survey);
    rows.put("form_version", dice.percent(20) ? 1 : 2);
    rows.put("interviewer", people.any_staff(dice).name);
    rows.put("interviewed_on", day);
    rows.put("completed", completed ? 1 : 0);
    for (std::size_t i = 0; i < (completed ? questions.size() : 1); ++i) {
      rows.begin("survey_answer", dice.id(answer_ids, moment(day, dice.between(600, 700))));
      rows.put("response_id", id);
      rows.put("question", questions[i][0]);
      rows.put("answer", questions[i][1]);
    }
  });
}

}  // namespace

void add_care_records(Dice& dice, const VillagePeople& people, const TownshipRecords& township,
                      RowWriter& rows) {
  add_helps(dice, people, rows);
  add_pairs(dice, people, rows);
  add_certificates(dice, people, rows);
  add_answers(dice, people, township.survey, rows);
}

}  // namespace doorstep::sample
