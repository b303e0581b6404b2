#include "client-sdk/examples/volunteer/words.hpp"

#include <array>

#include "client-sdk/examples/volunteer/days.hpp"

namespace volunteer {
namespace {

doorstep::Language spoken = doorstep::Language::english;

struct Word {
  std::string_view term;
  std::string_view english;
  std::string_view chinese;
};

constexpr std::array reasons{
    Word{"routine", "routine", "日常"},     Word{"birthday", "birthday", "生日"},
    Word{"illness", "illness", "生病"},     Word{"festival", "festival", "节日"},
    Word{"emergency", "emergency", "突发"}, Word{"follow_up", "follow-up", "回访"},
    Word{"check", "check due", "该体检"},   Word{"order", "order", "点单"}};
constexpr std::array states{Word{"ordered", "free", "待领"}, Word{"claimed", "claimed", "已领"},
                            Word{"cancelled", "cancelled", "已取消"},
                            Word{"done", "done", "已完成"}, Word{"rated", "rated", "已评价"}};
constexpr std::array tables{Word{"household", "household", "家庭"},
                            Word{"resident", "resident", "居民"},
                            Word{"visit", "visit", "走访"},
                            Word{"service_order", "order", "点单"},
                            Word{"emergency", "emergency", "突发情况"},
                            Word{"outflow", "outflow", "外出"},
                            Word{"inflow", "inflow", "来村"},
                            Word{"project", "project", "项目"}};
constexpr std::array columns{Word{"deceased_on", "died on", "去世日期"},
                             Word{"returned_on", "returned on", "返乡日期"},
                             Word{"left_on", "left on", "离开日期"},
                             Word{"amount_fen", "amount (fen)", "金额（分）"},
                             Word{"answer", "answer", "回答"},
                             Word{"phone", "phone", "电话"},
                             Word{"", "deletion", "删除"}};

template <std::size_t size>
std::string word(const std::array<Word, size>& words, std::string_view term) {
  for (const Word& one : words) {
    if (one.term == term) return say(one.english, one.chinese);
  }
  return std::string(term);
}

}  // namespace

void speak(doorstep::Language language) { spoken = language; }

doorstep::Language language() { return spoken; }

std::string say(std::string_view english, std::string_view chinese) {
  return std::string(spoken == doorstep::Language::chinese ? chinese : english);
}

std::string words_of(const doorstep::Error& error) {
  const doorstep::Wording words = doorstep::wording_of(error.code, spoken);
  std::string text(words.what);
  // A rule of the village carries its own sentence, in both languages.
  if (error.code == doorstep::ErrorCode::rule_broken) text += say(": ", "：") + error.detail;
  text += say("; ", "。");
  return text + std::string(words.then) + " [" + std::string(doorstep::name_of(error.code)) + "]";
}

std::string words_of_reason(std::string_view reason) { return word(reasons, reason); }
std::string words_of_state(std::string_view state) { return word(states, state); }
std::string words_of_table(std::string_view table) { return word(tables, table); }
std::string words_of_column(std::string_view column) { return word(columns, column); }

std::string weekday(std::string_view day) {
  constexpr std::array days{Word{"0", "Sun", "周日"}, Word{"1", "Mon", "周一"},
                            Word{"2", "Tue", "周二"}, Word{"3", "Wed", "周三"},
                            Word{"4", "Thu", "周四"}, Word{"5", "Fri", "周五"},
                            Word{"6", "Sat", "周六"}};
  return word(days, std::to_string(weekday_of(day)));
}

}  // namespace volunteer
