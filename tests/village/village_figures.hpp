// What the stories of the sixteen systems look at in the end: the figure that a system feeds, at
// the township and on each phone.
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "schema/figures/report.hpp"
#include "tests/scenario/township.hpp"

namespace doorstep::test {

/// The figures of each village below a unit in a period, as the report of the township prints them;
/// zeros, and what only the hub knows, left out.
[[nodiscard]] std::map<std::string, std::map<std::string, double>> township_figures(
    const Township& township, const figures::FigureSet& set, const std::string& scope,
    const std::string& period);
/// A report as a phone makes it from its own rows.
[[nodiscard]] figures::Report report_of(Volunteer& volunteer, const figures::FigureSet& set,
                                        const std::string& scope, const figures::Period& period);

/// A figure of Dushi in a period, as the report of the township prints it ("12", "null").
[[nodiscard]] double township_figure(const Township& township, const std::string& name,
                                     const std::string& period);
/// The same as a phone works it out from its own rows.
[[nodiscard]] double phone_figure(Volunteer& volunteer, const std::string& name,
                                  const std::string& period);

/// Watches one figure of one period over a story.
class WatchedFigure {
 public:
  WatchedFigure(const Township& township, std::string name, std::string period);
  /// It has grown by so much since the story began, at the township and on these phones.
  void check_grown_by(double amount, std::initializer_list<Volunteer*> volunteers) const;

 private:
  const Township& township_;
  std::string name_;
  std::string period_;
  double before_;
};

}  // namespace doorstep::test
