// Who lives and serves in a village of the sample, with the ids of their rows: what the records of
// its work refer to.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "schema/sample/dice.hpp"
#include "schema/sample/people.hpp"

namespace doorstep::sample {

struct Staff {
  Value id;
  std::string name;
};

struct Resident {
  Value id;
  const Person* person = nullptr;
};

struct Household {
  Value id;
  const Home* home = nullptr;
  std::vector<Resident> residents;
  Day last_visited{};
};

struct VillagePeople {
  std::string code;
  Day reference;             ///< the last day of the year of work
  std::vector<Staff> staff;  ///< secretary, doctor, women's head, then the others
  std::vector<Household> households;

  [[nodiscard]] const Staff& any_staff(Dice& dice) const {
    return staff[static_cast<std::size_t>(dice.between(0, static_cast<int>(staff.size()) - 1))];
  }
  [[nodiscard]] const Household& any_household(Dice& dice) const {
    return households[static_cast<std::size_t>(
        dice.between(0, static_cast<int>(households.size()) - 1))];
  }
  [[nodiscard]] const Resident& any_resident(Dice& dice) const {
    const Household& home = any_household(dice);
    return home.residents[static_cast<std::size_t>(
        dice.between(0, static_cast<int>(home.residents.size()) - 1))];
  }
  /// A day of the year of work.
  [[nodiscard]] Day any_day(Dice& dice) const {
    return reference - std::chrono::days(dice.between(0, 364));
  }
};

[[nodiscard]] inline bool has_label(const Person& person, std::string_view label) {
  return std::find(person.labels.begin(), person.labels.end(), label) != person.labels.end();
}

/// Calls `see` with each resident of each household, in their order.
template <class See>
void each_resident(const VillagePeople& people, const See& see) {
  for (const Household& household : people.households) {
    for (const Resident& resident : household.residents) see(household, resident);
  }
}

}  // namespace doorstep::sample
