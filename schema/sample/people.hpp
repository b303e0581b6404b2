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

/// How many of what a village has.
struct VillageSize {
  std::size_t couples = 43;  ///< homes of two elders whose children live elsewhere
  std::size_t single_elders = empty_nest_count - 2 * 43;
  std::size_t homes_with_one_child = 25;  ///< of grandparents with left-behind children
  std::size_t homes_with_two_children = (left_behind_count - 25) / 2;
  std::size_t families = 225;
  /// In families, of three to seven people each.
  std::size_t family_people = resident_count - empty_nest_count - left_behind_count - 2 * 50;
  int groups = villager_group_count;
};
/// Dushi's, times a draw between a half and one and a half.
[[nodiscard]] VillageSize draw_size(Dice& dice);

struct Home {
  int group = 1;               ///< villager group, from 1 on
  std::vector<Person> people;  ///< the head first
};

/// The same dice give the same homes; ordered by villager group.
[[nodiscard]] std::vector<Home> draw_homes(Dice& dice, Day reference, const VillageSize& size = {});

}  // namespace doorstep::sample
