// What the screens share: the open replica, who uses it, and the rows that they read of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doorstep/replica.hpp>

#include "client-sdk/examples/volunteer/background_sync.hpp"

namespace volunteer {

struct App {
  std::shared_ptr<doorstep::Replica> replica;
  BackgroundSync& sync;
  std::string volunteer;             ///< as the township enrolled this phone
  std::optional<std::string> a_day;  ///< "today" for a trial; else the device's
  /// The row in `member` that is this volunteer, once it is known.
  std::optional<doorstep::Value> me;

  [[nodiscard]] std::string today() const;
};

using Row = std::vector<doorstep::Value>;
/// The rows of one SELECT.
[[nodiscard]] doorstep::Result<std::vector<Row>> rows_of(App& app, std::string_view select,
                                                         const doorstep::Bindings& bindings = {});
/// A value as text; empty for NULL.
[[nodiscard]] std::string text_of(const doorstep::Value& value);

struct Household {
  doorstep::Value id;
  std::string head;
  std::string place;  ///< group and courtyard
};

/// Asks for a household by some characters of a name, an address or a telephone number. nullopt
/// when the person goes back.
[[nodiscard]] std::optional<Household> ask_household(App& app);

/// Finds the volunteer among the village's members, where exactly one has the name.
void recognise(App& app);
/// The same, and asks when that is not so. False when the person goes back.
[[nodiscard]] bool know_me(App& app);

/// True when this phone wrote it, also before it turned out to be a copy of another.
[[nodiscard]] bool is_own(App& app, const doorstep::DeviceId& author);

/// A record in words: "visit 2026-11-22 · 王建国".
[[nodiscard]] std::string record_in_words(App& app, std::string_view table,
                                          const doorstep::Value& key);

/// The top two lines of each screen: where this is, who, when, and how it stands with the township.
void show_head(App& app, std::string_view title);

}  // namespace volunteer
