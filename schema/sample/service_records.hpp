// A year of a village's work beyond visits, checks, orders, the fund and supplies: rows of the
// other systems of village.toml. Pure; the same dice give the same rows. Parents come before what
// refers to them.
#pragma once

#include "schema/sample/row_writer.hpp"
#include "schema/sample/village_people.hpp"

namespace doorstep::sample {

/// What a township decides for all its villages: festivals, the service menu, a survey, tasks.
struct TownshipRecords {
  Value survey;  ///< the id of its survey
};
[[nodiscard]] TownshipRecords add_township_records(Dice& dice, std::string_view township,
                                                   Day reference, RowWriter& rows);

/// Member homes, people who left or came, contact duties, emergencies, events.
void add_register_records(Dice& dice, const VillagePeople& people, RowWriter& rows);
/// Helps for elders, pairs for left-behind children, certificates, surveys.
void add_care_records(Dice& dice, const VillagePeople& people, const TownshipRecords& township,
                      RowWriter& rows);
/// Insurance, stays in hospital and what was paid for them; projects with their objections.
void add_money_records(Dice& dice, const VillagePeople& people, RowWriter& rows);
/// Inspections, awards, the publicity board, opinions, closed periods.
void add_public_records(Dice& dice, const VillagePeople& people, RowWriter& rows);

}  // namespace doorstep::sample
