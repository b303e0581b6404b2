// The figures of docs/village.md once more, counted in plain loops over the rows, for comparison
// with the SQL: nothing of it is shared.
#pragma once

#include <map>
#include <string>

#include "tests/village/village_records.hpp"

namespace doorstep::test {

struct CountedPeriod {
  std::string from;
  std::string until;
  std::string half_year;
  std::string half_ends;
  std::string quarter;
};

/// What each village has of each figure: the amount as it is shown, zeros left out.
[[nodiscard]] std::map<std::string, std::map<std::string, double>> count_figures(
    const Records& records, const CountedPeriod& period);

}  // namespace doorstep::test
