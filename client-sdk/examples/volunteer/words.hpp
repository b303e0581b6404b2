// The app's own words, in Chinese and English; what an error says comes from the SDK in both.
#pragma once

#include <string>
#include <string_view>

#include <doorstep/wording.hpp>

namespace volunteer {

/// Once, before anything is said.
void speak(doorstep::Language language);
[[nodiscard]] doorstep::Language language();
[[nodiscard]] std::string say(std::string_view english, std::string_view chinese);

/// What is wrong and what to do, with the code for whoever helps over the telephone.
[[nodiscard]] std::string words_of(const doorstep::Error& error);

/// "birthday" or "生日": kinds of visits, and why a household is due.
[[nodiscard]] std::string words_of_reason(std::string_view reason);
/// Of an order.
[[nodiscard]] std::string words_of_state(std::string_view state);
/// "visit" or "走访"; a table or column that the app has no word for is named as it is.
[[nodiscard]] std::string words_of_table(std::string_view table);
[[nodiscard]] std::string words_of_column(std::string_view column);
[[nodiscard]] std::string weekday(std::string_view day);

}  // namespace volunteer
