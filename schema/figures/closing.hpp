// Closed periods, as rows of the app's table closed_period say them: a closing fixes the figures of
// a unit; what comes later counts where it belongs and is shown beside them. A second closing of
// the same period is an amendment of the first and no second truth. The same on a phone. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schema/figures/report.hpp"

namespace doorstep::figures {

/// One row: the closing, or an amendment of it.
struct Closing {
  std::string id;  ///< in hexadecimal
  std::string on;  ///< a day
  std::string by;
  std::string why;
  std::uint64_t position = 0;  ///< of the hub; what it has from later commits is late
  std::string digest;
  std::map<std::string, std::optional<double>> figures;  ///< by name, as amount_json() has them
};

struct ClosedPeriod {
  std::string unit;
  std::string period;
  std::vector<Closing> closings;  ///< at least one: the closing, then its amendments in order
  [[nodiscard]] const Closing& first() const { return closings.front(); }
  [[nodiscard]] const Closing& last() const { return closings.back(); }
};

/// Of a scope and all below it, by unit and period; `period` empty: all. None where the app has no
/// such table.
[[nodiscard]] Result<std::vector<ClosedPeriod>> read_closed_periods(const RunQuery& run,
                                                                    const std::string& scope,
                                                                    const std::string& period);

/// What a closing says of a column; nullopt: nothing.
[[nodiscard]] std::optional<Amount> amount_in(const Closing& closing, const Column& column);
/// A line's figures as a closing keeps them.
[[nodiscard]] std::string figures_json(const Report& report, const Line& line);
/// Fills Line::closed of the units whose period it is.
void add_closings(Report& report, const std::vector<ClosedPeriod>& closed);

/// A figure of a closed period that is another now, or was when the closing was amended.
struct Difference {
  Column column;
  Amount closed;  ///< at the closing
  Amount stated;  ///< at the last amendment; the same without one
  Amount now;
  bool is_now = false;  ///< counts states without a date: no amendment, only another day
};
/// In the order of the figures; those that the closing does not say are left out.
[[nodiscard]] std::vector<Difference> differences_of(const FigureSet& set, const Report& report,
                                                     const Line& line, const ClosedPeriod& closed);

}  // namespace doorstep::figures
