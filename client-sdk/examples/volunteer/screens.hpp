// The screens. Each runs until the person goes back; what it returns is said on the next one.
#pragma once

#include <optional>
#include <string>

#include "client-sdk/examples/volunteer/village.hpp"

namespace volunteer {

/// Somebody or something that is due.
struct Due {
  Household household;
  std::string who;     ///< a person, a service, a festival, a note
  std::string reason;  ///< of words_of_reason()
  std::string day;
  doorstep::Value order;  ///< of an order; NULL for others
};

/// Today's list and the menu: the app's first screen, until the person leaves.
void today_screen(App& app);
[[nodiscard]] std::string visit_screen(App& app, const std::optional<Due>& due);
[[nodiscard]] std::string orders_screen(App& app);
/// The choices about one order, from today's list or from the orders.
[[nodiscard]] std::string take_order(App& app, const doorstep::Value& order);
[[nodiscard]] std::string whereabouts_screen(App& app);
[[nodiscard]] std::string conflicts_screen(App& app);
[[nodiscard]] std::string sync_screen(App& app);

}  // namespace volunteer
