// Invented words for the sample: names, courtyards, findings. No name or number is a real person's.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schema/sample/dice.hpp"

namespace doorstep::sample {

[[nodiscard]] std::string_view draw_surname(Dice& dice);
/// One or two characters; `female` chooses the list.
[[nodiscard]] std::string draw_given_name(Dice& dice, bool female);
/// Eleven digits that begin with 10, which no telephone number does.
[[nodiscard]] std::string draw_phone(Dice& dice);
[[nodiscard]] std::string draw_courtyard(Dice& dice);
/// What a visitor wrote, one to three sentences; `elder` and `child` say who lives there.
[[nodiscard]] std::string draw_findings(Dice& dice, bool elder, bool child);

[[nodiscard]] std::span<const std::string_view> visit_kinds();
[[nodiscard]] std::span<const std::string_view> services();
[[nodiscard]] std::span<const std::string_view> skills();
[[nodiscard]] std::span<const std::string_view> household_remarks();
[[nodiscard]] std::span<const std::string_view> ecg_notes();

}  // namespace doorstep::sample
