// A visit, recorded with a few keystrokes: whom, why, which day, what was found, when to come
// again.
#include <array>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

using doorstep::Value;

constexpr std::array<std::string_view, 5> kinds{"routine", "birthday", "illness", "festival",
                                                "emergency"};

struct Visit {
  Household household;
  std::string kind;
  std::string day;
  std::string findings;
  std::string follow_up;  ///< empty: none
};

std::optional<std::string> ask_kind(const std::string& reason) {
  std::size_t usual = 1;
  std::string choices;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == reason) usual = i + 1;
    choices += std::to_string(i + 1) + " " + words_of_reason(kinds[i]) + "  ";
  }
  print(choices);
  for (;;) {
    const auto typed = ask(say("Kind [", "类型 [") + std::to_string(usual) + "]: ");
    if (!typed || as_choice(*typed) == "x") return std::nullopt;
    if (typed->empty()) return std::string(kinds.at(usual - 1));
    if (const auto number = number_of(as_choice(*typed), kinds.size())) {
      return std::string(kinds.at(*number - 1));
    }
    print(say("Please type a number from 1 to 5, or x to go back.",
              "请输入 1 到 5 的号码，或 x 返回。"));
  }
}

std::optional<std::string> ask_day(App& app) {
  for (;;) {
    const auto typed = ask(say("Day of the visit [today ", "哪天去的 [今天 ") + app.today() +
                           say("; -1 = yesterday]: ", "；-1 是昨天]："));
    if (!typed || as_choice(*typed) == "x") return std::nullopt;
    if (typed->empty()) return app.today();
    auto day = day_from(as_choice(*typed), app.today());
    if (day && *day <= app.today()) return day;
    print(day ? say("That day is still to come.", "那一天还没有到。")
              : say("Please type a day such as 11-20 or 2026-11-20, or -1 for yesterday.",
                    "请写日期，如 11-20 或 2026-11-20；-1 是昨天。"));
  }
}

std::optional<std::string> ask_follow_up(const std::string& visited) {
  for (;;) {
    const auto typed =
        ask(say("Come again on [not needed; 7 = in 7 days]: ", "哪天回访 [不用；7 是 7 天后]："));
    if (!typed || as_choice(*typed) == "x") return std::nullopt;
    if (typed->empty()) return std::string();
    auto day = day_from(as_choice(*typed), visited);
    if (day && *day > visited) return day;
    print(day ? say("It has to be after the visit.", "回访应在走访之后。")
              : say("Please type a day such as 12-05, or 7 for in 7 days.",
                    "请写日期，如 12-05；7 是 7 天后。"));
  }
}

// The visit and what follows from it are one transaction: all of it or nothing, here and at the
// township.
doorstep::Status save(App& app, const Visit& visit) {
  auto transaction = app.replica->begin();
  if (!transaction) return transaction.error();
  const Value home = visit.household.id;
  const Value day = Value::text(visit.day);
  const auto text = [](const std::string& typed) {
    return typed.empty() ? Value() : Value::text(typed);
  };
  auto done = (*transaction)
                  ->run(
                      "INSERT INTO visit (id, household_id, visitor, visited_on, typed_at, kind,"
                      " findings, follow_up_on) VALUES (uuid7(), :home, :visitor, :day, :now,"
                      " :kind, :findings, :follow_up)",
                      {{"home", home},
                       {"visitor", Value::text(app.volunteer)},
                       {"day", day},
                       {"now", Value::integer(now_ms())},
                       {"kind", Value::text(visit.kind)},
                       {"findings", text(visit.findings)},
                       {"follow_up", text(visit.follow_up)}});
  if (!done) return done.error();
  // The latest visit counts, in whatever order they come in: the column's policy is max.
  done = (*transaction)
             ->run(
                 "UPDATE household SET last_visited = :day WHERE id = :home"
                 " AND coalesce(last_visited, '') < :day",
                 {{"home", home}, {"day", day}});
  if (!done) return done.error();
  done = (*transaction)
             ->run(
                 "UPDATE emergency SET state = 'visited' WHERE household_id = :home"
                 " AND state = 'reported' AND kind = :kind",
                 {{"home", home}, {"kind", Value::text(visit.kind)}});
  if (!done) return done.error();
  return (*transaction)->commit();
}

std::string saved_words(App& app, const Visit& visit) {
  const bool sent = app.sync.news().state != BackgroundSync::State::no_signal;
  return say("Saved on this phone: ", "已存在本机：") + visit.household.head + " " +
         words_of_reason(visit.kind) + " " + visit.day +
         (sent ? say("; it is on its way to the township.", "；正在报往乡镇。")
               : say("; it is sent when there is a signal.", "；有信号时自动上报。"));
}

// What was typed is kept until it is saved or given up by the person, whatever goes wrong.
std::string confirm(App& app, const Visit& visit) {
  print();
  print(visit.household.head + " · " + words_of_reason(visit.kind) + " · " + visit.day + " " +
        weekday(visit.day) +
        (visit.follow_up.empty() ? "" : say(" · again on ", " · 回访 ") + visit.follow_up));
  if (!visit.findings.empty()) print_wrapped(visit.findings, 3);
  for (;;) {
    const auto typed = ask(say("Enter = save, x = do not save: ", "回车保存，x 不保存："));
    if (!typed || as_choice(*typed) == "x") return say("Not saved.", "没有保存。");
    if (!typed->empty()) continue;
    const doorstep::Status status = save(app, visit);
    if (status) return saved_words(app, visit);
    print_wrapped(words_of(status.error()), 3);
    print(say("It is not saved yet, and still here: Enter tries again.",
              "还没有保存，填写的内容还在：回车再试一次。"));
  }
}

}  // namespace

std::string visit_screen(App& app, const std::optional<Due>& due) {
  show_head(app, say("A visit  (x = back)", "记一次走访（x 返回）"));
  Visit visit;
  if (due) {
    visit.household = due->household;
  } else {
    const auto household = ask_household(app);
    if (!household) return {};
    visit.household = *household;
  }
  print(visit.household.head + "  " + visit.household.place +
        (due ? "  " + words_of_reason(due->reason) + " " + due->who : ""));
  const auto kind = ask_kind(due ? due->reason : "");
  if (!kind) return {};
  visit.kind = *kind;
  const auto day = ask_day(app);
  if (!day) return {};
  visit.day = *day;
  const auto findings = ask(say("What you found: ", "看到了什么："));
  if (!findings) return {};
  visit.findings = *findings;
  const auto follow_up = ask_follow_up(visit.day);
  if (!follow_up) return {};
  visit.follow_up = *follow_up;
  return confirm(app, visit);
}

}  // namespace volunteer
