#include "client-sdk/examples/volunteer/village.hpp"

#include <algorithm>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

using doorstep::Value;

constexpr std::size_t matches_shown = 9;

std::string standing(App& app) {
  const auto status = app.replica->status();
  if (!status) return words_of(status.error());
  const auto news = app.sync.news();
  std::string text = say("to send ", "待上报 ") + std::to_string(status->pending) + " · ";
  switch (news.state) {
    case BackgroundSync::State::no_signal:
      return text + say("no signal", "没有信号");
    case BackgroundSync::State::stopped:
      return text + say("sync stopped", "同步已停");
    case BackgroundSync::State::calling:
    case BackgroundSync::State::up_to_date:
      break;
  }
  // The status is what may be believed: nothing unsent, and the rows equal the township's.
  if (status->up_to_date && status->last_sync_at) {
    return text + say("up to date ", "已是最新 ") + local_time(status->last_sync_at->ms);
  }
  return text + say("calling", "正在联系乡镇");
}

std::vector<Household> households_of(const std::vector<Row>& rows) {
  std::vector<Household> found;
  for (const Row& row : rows) {
    const std::string group = text_of(row[2]) + say(" group ", "组 ");
    found.push_back({row[0], text_of(row[1]), group + text_of(row[3])});
  }
  return found;
}

// Written as the person types, so without wildcards of its own.
constexpr std::string_view find_households =
    "SELECT id, head_name, villager_group, courtyard FROM household "
    "WHERE instr(head_name, :text) OR instr(coalesce(phone, ''), :text)"
    " OR instr(coalesce(address, ''), :text) OR EXISTS (SELECT 1 FROM resident"
    "  WHERE resident.household_id = household.id AND instr(resident.name, :text))"
    "ORDER BY instr(head_name, :text) = 0, villager_group, head_name, id LIMIT :most";

constexpr std::string_view find_members =
    "SELECT id, name, coalesce(post, '') FROM member WHERE instr(name, :name) "
    "ORDER BY name, id LIMIT :most";

doorstep::Bindings search(std::string name, const std::string& text) {
  return {{std::move(name), Value::text(text)},
          {"most", Value::integer(static_cast<std::int64_t>(matches_shown) + 1)}};
}

// A number of the list, anything else is a new search; nullopt: the person goes back.
std::optional<std::string> ask_which(std::size_t found) {
  if (found == 0)
    print(say("Nobody found: try one character of the name.", "没有找到：可只写姓名中的一个字。"));
  if (found > matches_shown)
    print(say("There are more: type more characters.", "还有更多：请再多写几个字。"));
  return ask(say("Number, or other characters; x = back: ", "请选号码，或重写几个字；x 返回："));
}

}  // namespace

std::string App::today() const { return a_day.value_or(local_day()); }

doorstep::Result<std::vector<Row>> rows_of(App& app, std::string_view select,
                                           const doorstep::Bindings& bindings) {
  auto result = app.replica->query(select, bindings);
  if (!result) return result.error();
  if (result->sets.empty()) return std::vector<Row>();
  return std::move(result->sets.front().rows);
}

std::string text_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return {};
    case Value::Kind::text:
      return std::string(value.as_text());
    case Value::Kind::integer:
      return std::to_string(value.as_integer());
    case Value::Kind::real:
    case Value::Kind::blob:
      break;
  }
  return value.display();
}

std::optional<Household> ask_household(App& app) {
  auto typed = ask(say("Which household (part of a name, address or phone; x = back): ",
                       "哪一户（姓名、地址或电话的几个字；x 返回）："));
  for (;;) {
    if (!typed || as_choice(*typed) == "x") return std::nullopt;
    std::vector<Household> found;
    if (!typed->empty()) {
      const auto rows = rows_of(app, find_households, search("text", *typed));
      if (!rows) {
        print(words_of(rows.error()));
        return std::nullopt;
      }
      found = households_of(*rows);
    }
    if (found.size() == 1) return found.front();
    const std::size_t shown = std::min(found.size(), matches_shown);
    for (std::size_t i = 0; i < shown; ++i) {
      print("  " + std::to_string(i + 1) + "  " + fitted(found[i].head, 14) + found[i].place);
    }
    typed = ask_which(found.size());
    if (!typed) return std::nullopt;
    if (const auto number = number_of(as_choice(*typed), shown)) return found[*number - 1];
  }
}

void recognise(App& app) {
  if (app.me) return;
  const auto rows = rows_of(app, "SELECT id FROM member WHERE name = :name LIMIT 2",
                            {{"name", Value::text(app.volunteer)}});
  if (rows && rows->size() == 1) app.me = (*rows)[0][0];
}

bool know_me(App& app) {
  recognise(app);
  if (app.me) return true;
  show_head(app, say("Who are you among the village's members?", "您是村里哪一位成员？"));
  for (std::string wanted;;) {
    const auto rows = rows_of(app, find_members, search("name", wanted));
    if (!rows) {
      print(words_of(rows.error()));
      return false;
    }
    const std::size_t shown = std::min(rows->size(), matches_shown);
    for (std::size_t i = 0; i < shown; ++i) {
      const Row& row = (*rows)[i];
      print("  " + std::to_string(i + 1) + "  " + fitted(text_of(row[1]), 14) + text_of(row[2]));
    }
    const auto typed = ask_which(rows->size());
    if (!typed || as_choice(*typed) == "x") return false;
    if (const auto number = number_of(as_choice(*typed), shown)) {
      app.me = (*rows)[*number - 1][0];
      return true;
    }
    wanted = *typed;
  }
}

bool is_own(App& app, const doorstep::DeviceId& author) {
  const auto status = app.replica->status();
  if (!status) return false;
  const auto& before = status->earlier_devices;
  return author == status->device ||
         std::find(before.begin(), before.end(), author) != before.end();
}

std::string record_in_words(App& app, std::string_view table, const Value& key) {
  std::string name = words_of_table(table);
  std::string_view select;
  if (table == "household") select = "SELECT head_name FROM household WHERE id = :id";
  if (table == "resident") select = "SELECT name FROM resident WHERE id = :id";
  if (table == "visit") {
    select =
        "SELECT visited_on || ' · ' || head_name FROM visit"
        " JOIN household ON household.id = household_id WHERE visit.id = :id";
  }
  if (table == "service_order") {
    select =
        "SELECT service || ' · ' || head_name FROM service_order"
        " JOIN household ON household.id = household_id WHERE service_order.id = :id";
  }
  if (select.empty()) return name;
  const auto rows = rows_of(app, select, {{"id", key}});
  // The row may have left this phone meanwhile.
  return rows && !rows->empty() ? name + " " + text_of((*rows)[0][0]) : name;
}

void show_head(App& app, std::string_view title) {
  clear_screen();
  const std::string right = standing(app);
  const std::size_t width = std::min(width_of(right), screen_columns / 2);
  print(fitted(title, screen_columns - width) + right);
  const std::string today = app.today();
  print(app.volunteer + " · " + say("today ", "今天 ") + today + " " + weekday(today));
  print();
}

}  // namespace volunteer
