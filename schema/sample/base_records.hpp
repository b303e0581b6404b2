// A year of a village's work: members, households, residents, visits, checks, orders, the fund and
// supplies. Pure; the same dice give the same rows.
#pragma once

#include <string_view>
#include <vector>

#include "schema/sample/row_writer.hpp"
#include "schema/sample/village_people.hpp"

namespace doorstep::sample {

struct VillagePlace {
  std::string_view code;
  std::string_view short_name;  ///< in addresses
  std::string_view township;    ///< code
  VillageSize size;
};

/// `homes` gets the people that the result points at and must outlive it.
[[nodiscard]] VillagePeople add_base_records(Dice& dice, const VillagePlace& place, Day reference,
                                             std::vector<Home>& homes, RowWriter& rows);

}  // namespace doorstep::sample
