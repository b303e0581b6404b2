// Figures of an app as SQL text, read from a file such as village_figures.sql, whose head says how
// it is written. Pure: whoever has a database runs them (report.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"

namespace doorstep::figures {

/// What an amount counts, and so how it is written and summed up.
enum class Unit : std::uint8_t {
  count,
  fen,      ///< money; shown in yuan
  mean,     ///< value / weight
  percent,  ///< 100 * value / weight
};

struct Figure {
  std::string name;
  std::string chinese;
  std::string english;
  Unit unit = Unit::count;
  std::string sql;  ///< one whole SELECT
};

/// Rows for people to read.
struct List {
  std::string name;
  std::string chinese;
  std::string english;
  std::string sql;
};

struct FigureSet {
  std::vector<Figure> figures;  ///< in the order of the file
  std::vector<List> lists;
};

/// Error malformed, with the line's number and what is wrong with it.
[[nodiscard]] Result<FigureSet> parse_figures(std::string_view text);

/// The text of village_figures.sql as it was when this program was built.
[[nodiscard]] std::string_view village_figures_text();

}  // namespace doorstep::figures
