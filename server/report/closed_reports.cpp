#include "server/report/closed_reports.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace doorstep {

Result<std::vector<ClosedReport>> closed_reports(HubFigures& hub, const HubIdentity& identity,
                                                 const figures::FigureSet& set,
                                                 const std::string& scope,
                                                 const std::string& period) {
  DS_ASSIGN(auto closed, read_closed_periods(hub.runner(), scope, period));
  const LateSearch search{hub.snapshot(), hub.database(), identity, set.late};
  std::map<std::string, figures::Report> now;  // one for all units of the scope
  std::vector<ClosedReport> all;
  for (figures::ClosedPeriod& one : closed) {
    DS_ASSIGN(const figures::Period of, figures::parse_period(one.period));
    auto report = now.find(one.period);
    if (report == now.end()) {
      DS_ASSIGN(auto made, hub.report_of_one(set, scope, of));
      report = now.emplace(one.period, std::move(made)).first;
    }
    const auto& lines = report->second.lines;
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const figures::Line& other) {
      return other.code == one.unit;
    });
    if (line == lines.end()) continue;
    ClosedReport shown;
    shown.unit_name = line->name;
    shown.differences = differences_of(set, report->second, *line, one);
    shown.is_known = one.first().position <= hub.position().number();
    if (shown.is_known) {
      DS_ASSIGN(shown.late, find_late_rows(search, one.unit, of, one.first().position));
    }
    shown.closed = std::move(one);
    all.push_back(std::move(shown));
  }
  return all;
}

}  // namespace doorstep
