#include "tests/village/village_figures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "schema/figures/report_text.hpp"

namespace doorstep::test {
namespace {

figures::RunQuery runner(Replica& replica) {
  return [&replica](const std::string& sql,
                    const figures::Parameters& parameters) -> Result<figures::QueryResult> {
    Bindings bindings;
    for (const auto& [name, value] : parameters)
      bindings.push_back({name, Value::text(std::string_view(value))});
    DS_ASSIGN(auto found, replica.query(sql, bindings));
    return figures::QueryResult{found.sets.at(0).columns, found.sets.at(0).rows};
  };
}

std::string command_of(const std::string& period) {
  return period.find('W') == std::string::npos ? "monthly" : "weekly";
}

}  // namespace

double township_figure(const Township& township, const std::string& name,
                       const std::string& period) {
  const std::string kind = command_of(period);
  const auto printed = township.lines(
      {"report", kind, "--scope", dushi, kind == "weekly" ? "--week" : "--month", period});
  REQUIRE(printed.size() == 1);
  const auto units = printed[0].items("units");
  REQUIRE(units.size() == 1);
  const Json now(units[0].text("now"));
  REQUIRE(now.has(name));
  return std::strtod(now.text(name).c_str(), nullptr);
}

double phone_figure(Volunteer& volunteer, const std::string& name, const std::string& period) {
  const auto set = figures::parse_figures(figures::village_figures_text()).value();
  const auto report =
      make_report(set, runner(volunteer.replica()), dushi, figures::parse_period(period).value());
  REQUIRE_MESSAGE(report.ok(), report.error().text());
  const auto column = std::find_if(report->columns.begin(), report->columns.end(),
                                   [&](const figures::Column& one) { return one.name == name; });
  REQUIRE(column != report->columns.end());
  const auto at = static_cast<std::size_t>(column - report->columns.begin());
  const std::string text = amount_json(column->unit, report->lines.front().now[at]);
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
