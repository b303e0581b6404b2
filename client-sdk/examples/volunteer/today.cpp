// Who is to be called on, and why: worked out from the records on this phone, with or without a
// signal.
#include <algorithm>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

using doorstep::Value;

// A must-visit is due from three days before its day to seven after, until there is a visit of its
// kind (docs/village.md). What cannot wait comes first.
constexpr std::string_view due_list = R"sql(
WITH told(home, kind, on_day, follow) AS (
  SELECT household_id, kind, visited_on, follow_up_on FROM visit
  WHERE NOT EXISTS (SELECT 1 FROM visit AS later WHERE later.corrects_id = visit.id)),
person(id, home, name, born, labels) AS (
  SELECT id, household_id, name, born, labels FROM resident WHERE deceased_on IS NULL),
year(y) AS (
  SELECT substr(date(:today, '-7 days'), 1, 4) UNION SELECT substr(date(:today, '+3 days'), 1, 4)),
must(urgency, home, who, reason, day) AS (
  SELECT 1, household_id, coalesce(notes, ''), kind, happened_on
  FROM emergency WHERE state = 'reported'
  UNION ALL
  SELECT 2, home, name, 'illness', admitted_on FROM hospital_stay
  JOIN person ON person.id = resident_id
  UNION ALL
  SELECT 4, home, name, 'birthday', date(y || substr(born, 5)) FROM person CROSS JOIN year
  WHERE labels IS NOT NULL OR born <= date(:today, '-60 years')
  UNION ALL
  SELECT 6, household.id, festival.name, 'festival', on_date FROM festival CROSS JOIN household
  WHERE festival.labels IS NULL OR EXISTS (
    SELECT 1 FROM person CROSS JOIN json_each(person.labels) AS has
    JOIN json_each(festival.labels) AS wanted ON wanted.value = has.value
    WHERE person.home = household.id)),
due(urgency, home, who, reason, day, item) AS (
  SELECT urgency, home, who, reason, day, NULL FROM must
  WHERE (urgency = 1 OR day BETWEEN date(:today, '-7 days') AND date(:today, '+3 days'))
    AND NOT EXISTS (SELECT 1 FROM told WHERE told.home = must.home AND told.kind = must.reason
      AND told.on_day BETWEEN date(must.day, '-3 days') AND date(must.day, '+7 days'))
  UNION ALL
  SELECT 3, home, '', 'follow_up', follow, NULL FROM told
  WHERE follow BETWEEN date(:today, '-30 days') AND :today AND NOT EXISTS (
    SELECT 1 FROM told AS since WHERE since.home = told.home AND since.on_day > told.on_day
      AND since.on_day >= date(told.follow, '-3 days'))
  UNION ALL
  SELECT 5, household_id, service, 'order', coalesce(wanted_on, ordered_on), id FROM service_order
  WHERE state = 'ordered' OR (state = 'claimed' AND claimed_by = :me)
  UNION ALL
  SELECT 7, home, name, 'check', :half_ends, NULL FROM person
  WHERE born <= date(:half_ends, '-60 years') AND NOT EXISTS (
    SELECT 1 FROM health_check WHERE resident_id = person.id AND half_year = :half_year))
SELECT household.id, head_name, villager_group, courtyard, who, reason, day, item
FROM due JOIN household ON household.id = due.home
ORDER BY urgency, day, villager_group, head_name, who
)sql";

doorstep::Result<std::vector<Due>> due_today(App& app) {
  recognise(app);  // the members come with the first sync; orders that are one's own stay listed
  const HalfYear half = half_year_of(app.today());
  const auto rows = rows_of(app, due_list,
                            {{"today", Value::text(app.today())},
                             {"half_year", Value::text(half.name)},
                             {"half_ends", Value::text(half.ends)},
                             {"me", app.me.value_or(Value())}});
  if (!rows) return rows.error();
  std::vector<Due> list;
  for (const Row& row : *rows) {
    const std::string place = text_of(row[2]) + say(" group", "组");
    list.push_back({{row[0], text_of(row[1]), place + " " + text_of(row[3])},
                    text_of(row[4]),
                    text_of(row[5]),
                    text_of(row[6]),
                    row[7]});
  }
  return list;
}

std::string day_in_words(std::string_view day, std::string_view today) {
  const int away = days_between(today, day);
  if (away < -99) return std::string(day);
  const std::string date(day.size() == 10 ? day.substr(5) : day);
  if (away == 0) return date + say(" today", " 今天");
  if (away > 0) return date + say(" in ", " 还有") + std::to_string(away) + say(" d", "天");
  return date + say(" late ", " 已过") + std::to_string(-away) + say(" d", "天");
}

void show_list(App& app, const std::vector<Due>& list, std::size_t page) {
  show_head(app, say("Today's list", "今天该去谁家"));
  if (list.empty()) print(say("Nobody is due today.", "今天没有到期的人家。"));
  const std::size_t end = std::min(list.size(), (page + 1) * list_lines);
  for (std::size_t i = page * list_lines; i < end; ++i) {
    const Due& due = list[i];
    print(fitted(std::to_string(i + 1), 4) + fitted(due.household.head, 12) +
          fitted(due.household.place, 18) + fitted(words_of_reason(due.reason), 11) +
          fitted(day_in_words(due.day, app.today()), 17) + due.who);
  }
  print();
  if (list.size() > list_lines) {
    const std::size_t pages = (list.size() + list_lines - 1) / list_lines;
    print(say("Page ", "第 ") + std::to_string(page + 1) + "/" + std::to_string(pages) +
          say(" of ", " 页，共 ") + std::to_string(list.size()) +
          say("; n = next, p = back", " 项；n 下一页，p 上一页"));
  }
}

void show_menu(App& app, const std::string& said) {
  if (!said.empty()) print_wrapped("» " + said, 2);
  const auto status = app.replica->status();
  const std::string open = std::to_string(status ? status->conflicts_open : 0);
  print(say("number = go there · v visit · o orders · w where it is · c decide (" + open + ")",
            "号码 去这家 · v 记走访 · o 点单 · w 在哪里 · c 待裁决(" + open + ")") +
        say(" · s sync · q quit", " · s 同步 · q 退出"));
}

std::string go_to(App& app, const Due& due) {
  return due.order.is_null() ? visit_screen(app, due) : take_order(app, due.order);
}

std::string follow(App& app, const std::string& choice) {
  if (choice.empty()) return {};
  if (choice == "v") return visit_screen(app, std::nullopt);
  if (choice == "o") return orders_screen(app);
  if (choice == "w") return whereabouts_screen(app);
  if (choice == "c") return conflicts_screen(app);
  if (choice == "s") return sync_screen(app);
  return say("There is no '", "没有“") + choice +
         say("': type a number of the list, or one of the letters below.",
             "”：请输入列表中的号码，或下面的一个字母。");
}

}  // namespace

void today_screen(App& app) {
  std::size_t page = 0;
  std::string said;
  for (;;) {
    const auto list = due_today(app);
    if (!list) said = words_of(list.error());
    const std::vector<Due> due = list ? *list : std::vector<Due>();
    const std::size_t last = due.empty() ? 0 : (due.size() - 1) / list_lines;
    page = std::min(page, last);
    show_list(app, due, page);
    show_menu(app, said);
    const auto typed = ask("> ");
    const std::string choice = typed ? as_choice(*typed) : "q";
    if (choice == "q") return;
    said.clear();
    if (choice == "n" || choice == "p") {
      page = choice == "n" ? std::min(page + 1, last) : page - std::min<std::size_t>(page, 1);
    } else if (const auto number = number_of(choice, due.size())) {
      said = go_to(app, due[*number - 1]);
    } else {
      said = follow(app, choice);
    }
  }
}

}  // namespace volunteer
