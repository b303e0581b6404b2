#include "schema/sample/people.hpp"

#include <algorithm>

#include "schema/sample/phrases.hpp"

namespace doorstep::sample {
namespace {

constexpr std::size_t smallest_family = 3;
constexpr std::size_t largest_family = 7;
constexpr VillageSize dushi;

// Dushi has 64 homes of elders alone, 50 of grandparents with 75 children, and 225 families.
static_assert(dushi.couples + dushi.single_elders + dushi.homes_with_one_child +
                  dushi.homes_with_two_children + dushi.families ==
              household_count);
static_assert(dushi.homes_with_one_child + 2 * dushi.homes_with_two_children == left_behind_count);
static_assert(dushi.family_people >= dushi.families * smallest_family);
static_assert(dushi.family_people <= dushi.families * largest_family);

/// A birthday that makes the person exactly `years` old on the reference day.
Day draw_birthday(Dice& dice, Day reference, int years) {
  using namespace std::chrono;
  const year_month_day today{reference};
  year_month_day latest{today.year() - std::chrono::years(years), today.month(), today.day()};
  if (!latest.ok()) latest = latest.year() / latest.month() / 28;
  // Never a whole year back, so that nobody is a year older by a day.
  return Day{latest} - days(dice.between(0, 363));
}

class HomeMaker {
 public:
  HomeMaker(Dice& dice, Day reference) : dice_(dice), reference_(reference) {}

  Home elders(bool couple) {
    start();
    const bool widow = !couple && dice_.percent(60);
    const int years = dice_.between(elder_years + 2, 90);
    add(surname_, widow, years, "户主", couple ? "" : "living_alone", "empty_nest");
    if (couple) add_wife(std::max(elder_years, years - dice_.between(0, 5)), "empty_nest");
    return std::move(home_);
  }

  Home grandparents(int children) {
    start();
    const int years = dice_.between(56, 76);
    add(surname_, false, years, "户主");
    add_wife(years - dice_.between(0, 4));
    for (int i = 0; i < children; ++i) {
      const bool girl = dice_.percent(50);
      add(surname_, girl, dice_.between(1, child_years - 1), girl ? "孙女" : "孙子", "left_behind");
    }
    return std::move(home_);
  }

  Home family(int size) {
    start();
    const int years = dice_.between(32, 54);
    add(surname_, false, years, "户主", dice_.percent(4) ? "hardship" : "");
    add_wife(years - dice_.between(0, 4));
    // Of those beside the couple at most three are children and at most two the head's parents.
    const int others = size - 2;
    const int parents = std::min(2, others - 1 - (others > 1 ? dice_.between(0, 1) : 0));
    for (int i = 0; i < std::max(parents, others - 3); ++i) add_parent(i, years);
    while (static_cast<int>(home_.people.size()) < size) {
      const bool girl = dice_.percent(48);
      add(surname_, girl, dice_.between(0, std::min(26, years - 22)), girl ? "女儿" : "儿子");
    }
    return std::move(home_);
  }

 private:
  void start() {
    home_ = {};
    surname_ = draw_surname(dice_);
  }

  void add(std::string_view surname, bool female, int years, std::string_view relation,
           std::string_view label = "", std::string_view second_label = "") {
    Person person;
    person.name = std::string(surname) + draw_given_name(dice_, female);
    person.female = female;
    person.years = years;
    person.born = draw_birthday(dice_, reference_, years);
    person.relation = relation;
    if (!label.empty()) person.labels.emplace_back(label);
    if (!second_label.empty()) person.labels.emplace_back(second_label);
    if (years >= 18 && dice_.percent(2)) person.labels.emplace_back("disabled");
    std::sort(person.labels.begin(), person.labels.end());
    home_.people.push_back(std::move(person));
  }

  void add_wife(int years, std::string_view label = "") {
    const std::string_view surname = draw_surname(dice_);
    add(surname, true, years, "配偶", label);
  }

  void add_parent(int which, int head_years) {
    const int years = head_years + dice_.between(22, 30);
    if (which == 0) {
      const std::string_view surname = draw_surname(dice_);
      add(surname, true, years, "母亲");
    } else {
      add(surname_, false, years, "父亲");
    }
  }

  Dice& dice_;
  Day reference_;
  Home home_;
  std::string_view surname_;
};

/// Sizes that add up to the people in families.
std::vector<int> draw_family_sizes(Dice& dice, const VillageSize& village) {
  std::vector<int> sizes(village.families, static_cast<int>(smallest_family));
  for (std::size_t left = village.family_people - village.families * smallest_family; left > 0;) {
    int& size =
        sizes[static_cast<std::size_t>(dice.between(0, static_cast<int>(village.families) - 1))];
    if (size == static_cast<int>(largest_family)) continue;
    ++size;
    --left;
  }
  return sizes;
}

}  // namespace

VillageSize draw_size(Dice& dice) {
  const auto share = static_cast<std::size_t>(dice.between(50, 150));
  const auto scaled = [&](std::size_t count) {
    return std::max<std::size_t>(1, count * share / 100);
  };
  VillageSize size;
  size.couples = scaled(size.couples);
  size.single_elders = scaled(size.single_elders);
  size.homes_with_one_child = scaled(size.homes_with_one_child);
  size.homes_with_two_children = scaled(size.homes_with_two_children);
  const std::size_t people_of_ten = 10 * size.family_people / size.families;
  size.families = scaled(size.families);
  size.family_people = size.families * people_of_ten / 10;
  size.groups = std::max(3, static_cast<int>(scaled(villager_group_count)));
  return size;
}

std::vector<Home> draw_homes(Dice& dice, Day reference, const VillageSize& size) {
  HomeMaker maker(dice, reference);
  std::vector<Home> homes;
  for (std::size_t i = 0; i < size.couples; ++i) homes.push_back(maker.elders(true));
  for (std::size_t i = 0; i < size.single_elders; ++i) homes.push_back(maker.elders(false));
  for (std::size_t i = 0; i < size.homes_with_one_child; ++i)
    homes.push_back(maker.grandparents(1));
  for (std::size_t i = 0; i < size.homes_with_two_children; ++i)
    homes.push_back(maker.grandparents(2));
  for (const int people : draw_family_sizes(dice, size)) homes.push_back(maker.family(people));
  dice.shuffle(homes);
  const auto groups = static_cast<std::size_t>(size.groups);
  for (std::size_t i = 0; i < homes.size(); ++i)
    homes[i].group = 1 + static_cast<int>(i * groups / homes.size());
  return homes;
}

}  // namespace doorstep::sample
