// Orders: a household asks for a service, one volunteer takes it, does it, and says so.
#include <algorithm>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

using doorstep::Value;

struct Order {
  Value id;
  std::string household;
  std::string service;
  std::string day;
  std::string state;
  Value holder;
  std::string holder_name;
  bool beaten = false;  ///< this volunteer took it too, and the township heard of the other first
};

constexpr std::string_view select_orders =
    "SELECT service_order.id, household.head_name, service, coalesce(wanted_on, ordered_on),"
    " state, claimed_by, member.name FROM service_order"
    " JOIN household ON household.id = household_id"
    " LEFT JOIN member ON member.id = claimed_by WHERE ";

// The first claim that the township hears of stands (policy "first"). The one that lost is a
// conflict record: settled by itself, and there to be told to whom it concerns.
bool was_beaten(App& app, const Order& order) {
  if (!app.me || order.holder == *app.me) return false;
  doorstep::ConflictFilter filter;
  filter.table = "service_order";
  filter.row = order.id;
  filter.column = "claimed_by";
  const auto met = app.replica->conflicts(filter);
  return met && std::any_of(met->begin(), met->end(), [&](const doorstep::ConflictInfo& one) {
           return is_own(app, one.loser_author);
         });
}

doorstep::Result<std::vector<Order>> orders_of(App& app, const std::string& which,
                                               const doorstep::Bindings& bindings) {
  const auto rows = rows_of(app, std::string(select_orders) + which, bindings);
  if (!rows) return rows.error();
  std::vector<Order> orders;
  for (const Row& row : *rows) {
    orders.push_back({row[0], text_of(row[1]), text_of(row[2]), text_of(row[3]), text_of(row[4]),
                      row[5], text_of(row[6])});
    orders.back().beaten = was_beaten(app, orders.back());
  }
  return orders;
}

std::string standing_of(App& app, const Order& order) {
  if (order.beaten) {
    return order.holder_name + say(" was first; yours came later", " 先领，您晚了一步");
  }
  if (order.holder.is_null()) return words_of_state(order.state);
  const bool mine = app.me && order.holder == *app.me;
  return words_of_state(order.state) + " · " + (mine ? say("you", "您") : order.holder_name);
}

std::string claim(App& app, const Order& order) {
  // Both columns are one cell (group "claim"), so the time always belongs to the name.
  const auto done = app.replica->execute(
      "UPDATE service_order SET state = 'claimed', claimed_by = :me, claimed_at = :now"
      " WHERE id = :id AND state = 'ordered'",
      {{"me", *app.me}, {"now", Value::integer(now_ms())}, {"id", order.id}});
  if (!done) return words_of(done.error());
  return say("Taken on this phone: ", "已在本机领取：") + order.service + " · " + order.household +
         say(". It is yours when the township has heard of nobody before you.",
             "。乡镇先收到谁的，就归谁。");
}

std::string finish(App& app, const Order& order) {
  const auto note = ask(say("What was done: ", "做了什么："));
  if (!note) return {};
  // Notes of several people are put one below the other (policy "concat").
  const auto done = app.replica->execute(
      "UPDATE service_order SET state = 'done', done_on = :day,"
      " notes = coalesce(notes || char(10), '') || :note WHERE id = :id AND state = 'claimed'",
      {{"day", Value::text(app.today())}, {"note", Value::text(*note)}, {"id", order.id}});
  if (!done) return words_of(done.error());
  return say("Done: ", "已完成：") + order.service + " · " + order.household;
}

}  // namespace

std::string take_order(App& app, const Value& id) {
  if (!know_me(app)) return {};
  const auto found = orders_of(app, "service_order.id = :id", {{"id", id}});
  if (!found) return words_of(found.error());
  if (found->empty()) return say("The order is not here any more.", "这个点单已不在本机。");
  const Order& order = found->front();
  show_head(app, say("An order  (x = back)", "点单（x 返回）"));
  print(order.household + " · " + order.service + " · " + order.day);
  print(standing_of(app, order));
  const bool free = order.state == "ordered";
  if (!free && (order.state != "claimed" || order.holder != *app.me)) {
    return order.service + " · " + order.household + say(": ", "：") + standing_of(app, order);
  }
  const auto typed = ask(free ? say("Enter = take it, x = back: ", "回车领取，x 返回：")
                              : say("Enter = it is done, x = back: ", "回车：已经做完，x 返回："));
  if (!typed || !typed->empty()) return {};
  return free ? claim(app, order) : finish(app, order);
}

std::string orders_screen(App& app) {
  if (!know_me(app)) return {};
  std::string said;
  for (;;) {
    const auto orders = orders_of(app, "state IN ('ordered', 'claimed') ORDER BY 4, 2, 1", {});
    if (!orders) return words_of(orders.error());
    show_head(app, say("Orders", "点单"));
    if (orders->empty()) print(say("No open orders.", "没有未完成的点单。"));
    const std::size_t shown = std::min(orders->size(), list_lines);
    for (std::size_t i = 0; i < shown; ++i) {
      const Order& order = (*orders)[i];
      print(fitted(std::to_string(i + 1), 4) + fitted(order.household, 12) +
            fitted(order.service, 20) + fitted(order.day, 12) + standing_of(app, order));
    }
    print();
    if (!said.empty()) print_wrapped("» " + said, 2);
    const auto typed =
        ask(say("Number = take it or finish it, x = back: ", "号码 领取或完成，x 返回："));
    const std::string choice = typed ? as_choice(*typed) : "x";
    if (choice == "x") return {};
    said.clear();
    if (const auto number = number_of(choice, shown)) {
      said = take_order(app, (*orders)[*number - 1].id);
    } else if (!choice.empty()) {
      said = say("Please type a number of the list, or x to go back.",
                 "请输入列表中的号码，或 x 返回。");
    }
  }
}

}  // namespace volunteer
