#include <algorithm>
#include <ostream>

#include "schema/figures/closing.hpp"
#include "schema/figures/report_text.hpp"
#include "server/commands/command.hpp"
#include "server/commands/report_figures.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/report/hub_figures.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

using figures::Period;

/// The last whole one, unless it was named.
Result<Period> period_of(const ReportOptions& options, Instant now) {
  const Period::Kind kind =
      options.kind == ReportOptions::Kind::weekly ? Period::Kind::week : Period::Kind::month;
  if (options.period.empty()) return before(figures::period_of(kind, figures::day_in_china(now)));
  DS_ASSIGN(Period named, figures::parse_period(options.period));
  if (options.kind == ReportOptions::Kind::weekly && named.kind != Period::Kind::week)
    return error(ErrorCode::bad_value, options.period + " is no week");
  return named;
}

std::string indented(const figures::Line& line) {
  return std::string(2 * line.depth, ' ') + line.name;
}

/// A figure a line, a unit a column pair, where there are few units; else a unit a line with the
/// figures that a week is judged by.
void show_one(const figures::Report& report, bool chinese, std::ostream& out) {
  const figures::Line& line = report.lines.front();
  std::vector<std::string> header{chinese ? "指标" : "figure", report.period.name,
                                  report.previous.name};
  if (line.closed) header.emplace_back(chinese ? "结账时" : "as closed");
  TextTable table(std::move(header));
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    const figures::Column& column = report.columns[i];
    std::vector<std::string> row{column.title(chinese), amount_text(column.unit, line.now[i]),
                                 amount_text(column.unit, line.earlier[i])};
    if (line.closed) row.push_back(closed_text(report, line, i));
    table.add(std::move(row));
  }
  out << table.text();
}

void show_many(const figures::Report& report, bool chinese, std::ostream& out) {
  static constexpr const char* judged_by[] = {
      "households_visited", "must_visits_due", "must_visits_done",
      "checks_due",         "checks_done",     "orders_open",
      "orders_done",        "devices_silent",  "decisions_waiting"};
  std::vector<std::size_t> shown;
  std::vector<std::string> header{chinese ? "单位" : "unit"};
  for (const char* name : judged_by) {
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      if (report.columns[i].name != name) continue;
      shown.push_back(i);
      header.push_back(report.columns[i].title(chinese));
    }
  }
  TextTable table(std::move(header));
  for (const figures::Line& line : report.lines) {
    std::vector<std::string> row{indented(line)};
    for (const std::size_t i : shown)
      row.push_back(amount_text(report.columns[i].unit, line.now[i]) + " (" +
                    amount_text(report.columns[i].unit, line.earlier[i]) + ")" +
                    (line.closed ? " [" + closed_text(report, line, i) + "]" : ""));
    table.add(std::move(row));
  }
  out << table.text();
}

std::string title_of(const figures::Report& report, const ReportOptions& options, bool chinese) {
  const std::string& unit = report.lines.front().name;
  const std::string& period = report.period.name;
  switch (options.kind) {
    case ReportOptions::Kind::weekly:
      return chinese ? unit + " 每周通报 " + period : unit + ", weekly bulletin " + period;
    case ReportOptions::Kind::monthly:
      return chinese ? unit + " 月报 " + period : unit + ", report of " + period;
    case ReportOptions::Kind::publicity:
      break;
  }
  return chinese ? unit + " 公示 " + period : unit + ", publicity board " + period;
}

/// What is put on the board: money, supplies, projects, awards.
void keep_public(figures::FigureSet& set) {
  static constexpr std::string_view shown[] = {"households",        "residents",
                                               "fund_balance_fen",  "fund_in_fen",
                                               "fund_out_fen",      "premiums_fen",
                                               "claims_fen",        "loss_ratio",
                                               "supplies_given",    "nursing_subsidy_fen",
                                               "supplies_in_stock", "projects_open",
                                               "projects_blocked",  "certificates_delivered",
                                               "hygiene_mean"};
  std::erase_if(set.figures, [](const figures::Figure& one) {
    return std::find(std::begin(shown), std::end(shown), one.name) == std::end(shown);
  });
}

}  // namespace

Status report(const ReportOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(figures::FigureSet set, figures_of(options.figures));
  if (options.kind == ReportOptions::Kind::publicity) keep_public(set);
  DS_ASSIGN(auto hub, HubFigures::open(folder.store(), folder.database_file()));
  const Instant now = SystemTime().now();
  DS_ASSIGN(const Period period, period_of(options, now));
  std::string scope = options.scope;
  if (scope.empty()) {
    DS_ASSIGN(scope, top_unit(hub.runner()));
  }
  const auto progress = [&](std::size_t done, std::size_t all) {
    if (terminal.colours) terminal.err << '\r' << done << '/' << all << (done == all ? "\r" : "");
  };
  DS_ASSIGN(figures::Report made, hub.report(set, scope, period, now, progress));
  DS_ASSIGN(const auto closed, read_closed_periods(hub.runner(), scope, period.name));
  add_closings(made, closed);
  DS_ASSIGN(const Digest digest, hub.digest(scope));
  const figures::ReportMeta meta{title_of(made, options, terminal.chinese), hub.position().number(),
                                 digest.hex(), terminal.chinese};
  switch (options.form) {
    case ReportOptions::Form::json:
      terminal.out << report_json(made, meta) << '\n';
      return {};
    case ReportOptions::Form::csv:
      terminal.out << report_csv(made, meta);
      return {};
    case ReportOptions::Form::html:
      terminal.out << report_html(made, meta);
      return {};
    case ReportOptions::Form::table:
      break;
  }
  terminal.out << meta.title << "  (" << figures::day_text(period.from) << " – "
               << figures::day_text(period.until) << ")\n\n";
  if (made.lines.size() == 1) {
    show_one(made, terminal.chinese, terminal.out);
  } else {
    show_many(made, terminal.chinese, terminal.out);
  }
  for (const figures::Line& line : made.lines) {
    if (line.closed)
      terminal.out << '\n' << line.name << ": " << closed_note(line, terminal.chinese) << '\n';
  }
  terminal.out << '\n'
               << (terminal.chinese ? "位置 " : "position ") << meta.position
               << (terminal.chinese ? "，校验 " : ", digest ") << meta.digest << '\n';
  return {};
}

}  // namespace doorstep::commands
