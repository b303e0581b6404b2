// A report: every figure of a period for each village of a scope, summed up along the organisation
// tree, beside the period before. The same at the hub and on a phone, which give their own way to
// run a query. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/value.hpp"
#include "schema/figures/figure_set.hpp"
#include "schema/figures/period.hpp"

namespace doorstep::figures {

struct QueryResult {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};
using Parameters = std::vector<std::pair<std::string, std::string>>;
/// Runs one SELECT; parameters by name, without the colon, only those that the text has.
using RunQuery = std::function<Result<QueryResult>(const std::string& sql, const Parameters&)>;
/// Keeps the rows of a part as a table of its name, instead of those that it kept before, for the
/// statements that follow.
using KeepPart = std::function<Status(const Part& part, const Parameters&)>;

/// How the statements of figures are run.
struct Queries {
  RunQuery run;
  KeepPart keep = {};  ///< empty: the parts go into each statement
};

/// Sums of whole numbers are exact to 2^53.
struct Amount {
  double value = 0;
  double weight = 0;  ///< of means and percents
  Amount& operator+=(const Amount& other);
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// What was fixed of a unit when the period was closed.
struct ClosedFigures {
  std::string on;  ///< a day
  std::string by;
  std::uint64_t position = 0;
  std::size_t amendments = 0;                  ///< of the closing
  std::vector<std::optional<Amount>> amounts;  ///< as last stated, in the order of Report::columns
};

/// A unit of the organisation tree and its figures, in the order of Report::columns.
struct Line {
  std::string code;
  std::string name;
  std::string level;
  std::size_t depth = 0;  ///< below the scope of the report
  std::vector<Amount> now;
  std::vector<Amount> earlier;
  std::optional<ClosedFigures> closed = {};
};

struct Column {
  std::string name;
  std::string chinese;
  std::string english;
  Unit unit = Unit::count;
  [[nodiscard]] const std::string& title(bool in_chinese) const {
    return in_chinese ? chinese : english;
  }
};

struct Report {
  Period period;
  Period previous;
  std::vector<Column> columns;
  std::vector<Line> lines;  ///< each unit before those below it, by code
};

/// Called as work goes on, with what is done and what there is to do.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

/// Error not_found when the scope is no unit; what the queries fail with.
[[nodiscard]] Result<Report> make_report(const FigureSet& set, const Queries& queries,
                                         const std::string& scope, const Period& period,
                                         const Progress& progress = {});
/// The same without what was earlier.
[[nodiscard]] Result<Report> make_report_of_one(const FigureSet& set, const Queries& queries,
                                                const std::string& scope, const Period& period);
/// What the SQL of figures and lists is asked with.
[[nodiscard]] Parameters parameters_of(const std::string& scope, const Period& period);
/// The same where a report is of more than this period: its first and its last day.
[[nodiscard]] Parameters parameters_of(const std::string& scope, const Period& period, Day first,
                                       Day last);

/// One more column: (unit, amount now), summed up along the tree like the others; what was earlier
/// is not known.
void add_column(Report& report, Column column,
                const std::vector<std::pair<std::string, double>>& now);

}  // namespace doorstep::figures
