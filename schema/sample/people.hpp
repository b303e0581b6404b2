// Who lives in Dushi: exactly the figures of the pilot village, drawn from the dice. Pure.
#pragma once

#include <string>
#include <vector>

#include "schema/sample/dice.hpp"

namespace doorstep::sample {

inline constexpr std::size_t household_count = 339;
inline constexpr std::size_t resident_count = 1232;
inline constexpr std::size_t empty_nest_count = 107;  // elders whose children all live elsewhere
inline constexpr std::size_t left_behind_count =
    75;  // children under 16 whose parents work elsewhere
inline constexpr int villager_group_count = 7;
inline constexpr int elder_years = 60;
inline constexpr int child_years = 16;

struct Person {
  std::string name;
  bool female = false;
  Day born;
  int years = 0;                    ///< on the reference day
  std::string_view relation;        ///< to the head of the household
  std::vector<std::string> labels;  ///< ascending
};

struct Home {
  int group = 1;               ///< villager group, 1 to 7
  std::vector<Person> people;  ///< the head first
};

/// The same dice give the same homes; ordered by villager group.
[[nodiscard]] std::vector<Home> draw_homes(Dice& dice, Day reference);

}  // namespace doorstep::sample
