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

/// Rows that later sections use by its name.
struct Part {
  std::string name;
  std::string head;  ///< name(column, ...)
  std::string select;
};

struct Figure {
  std::string name;
  std::string chinese;
  std::string english;
  Unit unit = Unit::count;
  bool now = false;    ///< counts states without a date, as they are now
  std::string select;  ///< on the parts
};

/// Rows for people to read.
struct List {
  std::string name;
  std::string chinese;
  std::string english;
  std::string select;
};

/// Which rows of a table count in a period.
struct LateRows {
  std::string table;
  std::string chinese;
  std::string english;
  std::vector<std::string> columns;  ///< those that count
  std::string select;                ///< (stated, about, why) on `this`
  [[nodiscard]] const std::string& title(bool in_chinese) const {
    return in_chinese ? chinese : english;
  }
};

/// All in the order of the file.
struct FigureSet {
  std::vector<Part> parts;
  std::vector<Figure> figures;
  std::vector<List> lists;
  std::vector<LateRows> late;

  /// One statement: the parts as common table expressions, then this select on them.
  [[nodiscard]] std::string whole(const std::string& select) const;
};

/// Error malformed, with the line's number and what is wrong with it.
[[nodiscard]] Result<FigureSet> parse_figures(std::string_view text);

/// The text of village_figures.sql as it was when this program was built.
[[nodiscard]] std::string_view village_figures_text();

}  // namespace doorstep::figures
