#include "tests/village/village_figures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "client-sdk/src/replica_figures.hpp"
#include "schema/figures/report_text.hpp"

namespace doorstep::test {
namespace {

std::string command_of(const std::string& period) {
  return period.find('W') == std::string::npos ? "monthly" : "weekly";
}

}  // namespace

std::map<std::string, std::map<std::string, double>> township_figures(const Township& township,
                                                                      const figures::FigureSet& set,
                                                                      const std::string& scope,
                                                                      const std::string& period) {
  const std::string kind = command_of(period);
  const auto printed = township.lines(
      {"report", kind, "--scope", scope, kind == "weekly" ? "--week" : "--month", period});
  REQUIRE(printed.size() == 1);
  std::map<std::string, std::map<std::string, double>> all;
  for (const Json& unit : printed[0].items("units")) {
    if (unit.text("level") != "village") continue;
    const Json now(unit.text("now"));
    for (const figures::Figure& figure : set.figures) {
      REQUIRE(now.source().find("\"" + figure.name + "\":") != std::string::npos);
      const double value = std::strtod(now.text(figure.name).c_str(), nullptr);
      if (value != 0) all[unit.text("code")][figure.name] = value;
    }
  }
  return all;
}

figures::Report report_of(Volunteer& volunteer, const figures::FigureSet& set,
                          const std::string& scope, const figures::Period& period) {
  auto report = make_report(set, {figure_runner(volunteer.replica())}, scope, period);
  REQUIRE_MESSAGE(report.ok(), report.error().text());
  return *std::move(report);
}

double township_figure(const Township& township, const std::string& name,
                       const std::string& period) {
  const auto set = figures::parse_figures(figures::village_figures_text()).value();
  const auto all = township_figures(township, set, dushi, period);
  const auto village = all.find(dushi);
  if (village == all.end() || !village->second.contains(name)) return 0;
  return village->second.at(name);
}

double phone_figure(Volunteer& volunteer, const std::string& name, const std::string& period) {
  const auto set = figures::parse_figures(figures::village_figures_text()).value();
  const figures::Report report =
      report_of(volunteer, set, dushi, figures::parse_period(period).value());
  const auto column = std::find_if(report.columns.begin(), report.columns.end(),
                                   [&](const figures::Column& one) { return one.name == name; });
  REQUIRE(column != report.columns.end());
  const auto at = static_cast<std::size_t>(column - report.columns.begin());
  const std::string text = amount_json(column->unit, report.lines.front().now[at]);
  return std::strtod(text.c_str(), nullptr);
}

WatchedFigure::WatchedFigure(const Township& township, std::string name, std::string period)
    : township_(township),
      name_(std::move(name)),
      period_(std::move(period)),
      before_(township_figure(township_, name_, period_)) {}

void WatchedFigure::check_grown_by(double amount,
                                   std::initializer_list<Volunteer*> volunteers) const {
  CHECK_MESSAGE(township_figure(township_, name_, period_) - before_ == doctest::Approx(amount),
                name_);
  for (Volunteer* one : volunteers) {
    CHECK_MESSAGE(phone_figure(*one, name_, period_) - before_ == doctest::Approx(amount), name_,
                  " on the phone of ", one->name());
  }
}

}  // namespace doorstep::test
