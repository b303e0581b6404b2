#include "schema/sample/phrases.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

using std::chrono::days;

struct Feast {
  std::string_view name;
  unsigned month;
  unsigned day;
  std::string_view labels;  ///< as a set; empty: every household
};
// Of the solar calendar, so that the sample needs no almanac.
constexpr std::array<Feast, 5> feasts = {{{"元旦", 1, 1, ""},
                                          {"妇女节", 3, 8, R"(["left_behind","special_family"])"},
                                          {"会员日", 5, 29, ""},
                                          {"儿童节", 6, 1, R"(["left_behind"])"},
                                          {"重阳节", 10, 11, R"(["empty_nest","living_alone"])"}}};

constexpr std::string_view survey_form =
    R"({"version":2,"questions":[{"code":"lives_with","title":"与谁同住"},)"
    R"({"code":"meals","title":"每天几餐"},{"code":"wish","title":"最需要什么"}]})";

}  // namespace

TownshipRecords add_township_records(Dice& dice, std::string_view township, Day reference,
                                     RowWriter& rows) {
  UuidSource ids;
  const Day begin = reference - days(364);
  const Instant made = moment(begin, 0);
  const auto id = [&] { return dice.id(ids, made); };
  for (const Feast& feast : feasts) {
    Day day{std::chrono::year_month_day{reference}.year() / feast.month / feast.day};
    if (day > reference) day -= days(365);
    rows.begin("festival", id());
    rows.put("unit_code", township);
    rows.put("name", feast.name);
    rows.put("on_date", day);
    if (!feast.labels.empty()) rows.put("labels", feast.labels);
  }
  for (const std::string_view service : services()) {
    rows.begin("service_item", id());
    rows.put("unit_code", township);
    rows.put("name", service);
    rows.put("skill", dice.pick(skills()));
    rows.put("offered", 1);
  }
  TownshipRecords records;
  records.survey = id();
  rows.begin("survey", records.survey);
  rows.put("unit_code", township);
  rows.put("title", "老年人生活状况调查");
  rows.put("form_version", 2);
  rows.put("form", survey_form);
  rows.put("closes_on", reference + days(30));
  for (int i = 0; i < 4; ++i) {
    rows.begin("task", id());
    rows.put("unit_code", township);
    rows.put("title", i % 2 == 0 ? "本周完成空巢老人走访" : "本周完成体检补录");
    rows.put("week", "2024-W" + std::to_string(40 + i));
    rows.put("due_on", reference - days(7 * (8 - i)));
    rows.put("counts", i % 2 == 0 ? "visits" : "checks");
    rows.put("goal", dice.between(10, 60));
  }
  return records;
}

}  // namespace doorstep::sample
