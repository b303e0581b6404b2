#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/replica_figures.hpp"
#include "schema/figures/closing.hpp"
#include "schema/figures/report_text.hpp"

namespace doorstep::cli {
namespace {

struct ReportOptions {
  std::string db;
  std::string scope;
  std::string period;
  bool json = false;
  bool html = false;
};

Result<figures::Period> period_of(const ReportOptions& options) {
  if (!options.period.empty()) return figures::parse_period(options.period);
  return figures::period_of(figures::Period::Kind::week,
                            figures::day_in_china({device_clock().read().wall_ms}));
}

/// The villages that are this phone's work; the first of its scopes that is one.
std::string scope_of(const ReportOptions& options, const ReplicaStatus& status) {
  if (!options.scope.empty()) return options.scope;
  std::string longest;
  for (const ScopeStatus& one : status.scopes) {
    if (one.scope.code.size() > longest.size()) longest = one.scope.code;
  }
  return longest;
}

Status print_report(const ReportOptions& options) {
  DS_ASSIGN(const auto replica, Replica::open(options.db));
  DS_ASSIGN(const figures::FigureSet set, figures::parse_figures(figures::village_figures_text()));
  DS_ASSIGN(const figures::Period period, period_of(options));
  DS_ASSIGN(const ReplicaStatus status, replica->status());
  const std::string scope = scope_of(options, status);
  const figures::RunQuery run = figure_runner(*replica);
  DS_ASSIGN(figures::Report report, make_report(set, {run}, scope, period));
  DS_ASSIGN(const auto closed, read_closed_periods(run, scope, period.name));
  add_closings(report, closed);
  figures::ReportMeta meta;
  meta.title = report.lines.front().name + " " + period.name;
  meta.position = status.cursor.number();
  for (const ScopeStatus& one : status.scopes) {
    if (one.scope.code == scope) meta.digest = one.digest.hex();
  }
  meta.chinese = speaks_chinese();
  if (options.json || options.html) {
    fmt::print("{}\n", options.json ? report_json(report, meta) : report_html(report, meta));
    return {};
  }
  fmt::print("{}\n", meta.title);
  const figures::Line& line = report.lines.front();
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    const figures::Column& column = report.columns[i];
    const std::string as_closed = closed_text(report, line, i);
    fmt::print("  {:>12} {:>12}  {}{}\n", amount_text(column.unit, line.now[i]),
               "(" + amount_text(column.unit, line.earlier[i]) + ")", column.title(meta.chinese),
               as_closed.empty() ? "" : "  [" + as_closed + "]");
  }
  if (line.closed) fmt::print("{}\n", closed_note(line, meta.chinese));
  return {};
}

}  // namespace

void add_report(CLI::App& app, int& status) {
  auto options = std::make_shared<ReportOptions>();
  auto* command =
      app.add_subcommand("report", "The figures of this phone's villages / 本机村的各项数字");
  command->footer(
      "Examples:\n"
      "  doorstep report --db wang.db                    this week, with the week before\n"
      "  doorstep report --db wang.db --week 2026-W47 --json\n"
      "  doorstep report --db wang.db --scope 431224103212 --week 2026-11");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("--scope", options->scope, "A unit; the phone's own if not given")
      ->type_name("CODE");
  command->add_option("--week", options->period, "A week, month, quarter or half-year")
      ->type_name("2026-W47");
  auto* json = command->add_flag("--json", options->json, "Print one JSON object");
  command->add_flag("--html", options->html, "A page for printing")->excludes(json);
  command->callback([options, &status] {
    const Status done = print_report(*options);
    status = done ? 0 : fail(done.error());
  });
}

}  // namespace doorstep::cli
