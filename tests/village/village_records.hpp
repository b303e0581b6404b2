// The rows of a village's database as plain records.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/core/value.hpp"

namespace doorstep::test {

using Record = std::map<std::string, Value>;
using Records = std::map<std::string, std::vector<Record>>;  ///< by table

/// Every table of the village schema in a database, by plain SQL; of a hub its rows that live.
[[nodiscard]] Records read_records(const std::string& file);

/// A column as text: ids in hexadecimal, NULL empty.
[[nodiscard]] std::string text(const Record& row, const std::string& column);
/// A column as a whole number; NULL is zero.
[[nodiscard]] std::int64_t number(const Record& row, const std::string& column);
/// `years` and `days` after a day, YYYY-MM-DD; the 29th of February is the 1st of March where it is
/// not there.
[[nodiscard]] std::string shifted(const std::string& day, int years, int days);

}  // namespace doorstep::test
