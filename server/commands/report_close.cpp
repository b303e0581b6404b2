// Closing a period, and what came after it was closed.
#include <algorithm>
#include <array>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/uuid.hpp"
#include "server/commands/command.hpp"
#include "server/commands/report_figures.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/os_random.hpp"
#include "server/report/closed_text.hpp"
#include "server/sample_load.hpp"

namespace doorstep::commands {
namespace {

/// A hub of an older schema cannot keep what a closing says.
Status check_schema(const Schema& schema) {
  const auto table = schema.find_table("closed_period");
  if (!table) return error(ErrorCode::unknown_table, "closed_period");
  for (const char* column : {"corrects_id", "why"}) {
    if (!schema.table(*table).find_column(column))
      return error(ErrorCode::unknown_column, std::string("closed_period.") + column);
  }
  return {};
}

struct NewClosing {
  std::string unit_name;
  figures::Period period;
  std::uint64_t position = 0;
  sample::SampleRow row;
  std::size_t amends = 0;  ///< closings before it
};

Result<NewClosing> make_closing(const CloseOptions& options, HubFolder& folder, Instant now,
                                Random& random, bool chinese) {
  DS_ASSIGN(const figures::FigureSet set, figures_of(options.figures));
  DS_ASSIGN(auto hub, HubFigures::open(folder.store(), folder.database_file()));
  NewClosing made;
  DS_ASSIGN(made.period, figures::parse_period(options.period));
  const figures::Day today = figures::day_in_china(now);
  if (today <= made.period.until && !options.anyway) {
    const std::string last = figures::day_text(made.period.until);
    return error(
        ErrorCode::usage,
        chinese ? made.period.name + " 到 " + last + " 才结束；现在就结账请加 --anyway"
                : made.period.name + " ends on " + last + "; to close it before, say --anyway");
  }
  DS_ASSIGN(const auto closed, read_closed_periods(hub.runner(), options.scope, made.period.name));
  const auto before = std::find_if(closed.begin(), closed.end(),
                                   [&](const auto& one) { return one.unit == options.scope; });
  if (before != closed.end() && options.why.empty()) {
    const figures::Closing& first = before->first();
    return error(ErrorCode::usage, chinese
                                       ? made.period.name + " 已由 " + first.by + " 于 " +
                                             first.on + " 结账；要更正结账，请用 --why 写明原因"
                                       : made.period.name + " was closed on " + first.on + " by " +
                                             first.by + "; to amend the closing, say --why TEXT");
  }
  DS_ASSIGN(const figures::Report report, hub.report_of_one(set, options.scope, made.period));
  DS_ASSIGN(const Digest digest, hub.digest(options.scope));
  made.unit_name = report.lines.front().name;
  made.position = hub.position().number();

  std::array<std::uint8_t, 10> bits{};
  random.fill(bits);
  sample::SampleRow& row = made.row;
  row.table = "closed_period";
  row.key_column = "id";
  row.key = Value::blob(uuid7(now, bits));
  const auto put = [&](const char* column, const std::string& text) {
    if (!text.empty()) row.columns.emplace_back(column, Value::text(text));
  };
  put("unit_code", options.scope);
  put("period", made.period.name);
  put("figures", figures_json(report, report.lines.front()));
  row.columns.emplace_back("hub_position",
                           Value::integer(static_cast<std::int64_t>(made.position)));
  put("digest", digest.hex());
  put("closed_on", figures::day_text(today));
  put("closed_by", options.by);
  put("why", options.why);
  if (before != closed.end()) {
    made.amends = before->closings.size();
    const auto corrects = from_hex(before->last().id);
    if (corrects) row.columns.emplace_back("corrects_id", Value::blob(*corrects));
  }
  return made;
}

}  // namespace

Status close_period(const CloseOptions& options, const Terminal& terminal) {
  DS_ASSIGN(auto folder, HubFolder::open(options.data));
  DS_TRY(check_schema(folder.store().schema()));
  const SystemTime time;
  OsRandom random;
  DS_ASSIGN(const NewClosing made,
            make_closing(options, folder, time.now(), random, terminal.chinese));
  const auto log = make_stderr_log(LogForm::text, LogLevel::warning);
  DS_ASSIGN(const LoadTally tally, load_rows(folder.store(), *log, time, random, {&made.row, 1}));
  if (tally.not_accepted > 0) return error(ErrorCode::internal, "the closing was not taken");
  if (options.json) {
    terminal.out << JsonLine()
                        .text("unit", options.scope)
                        .text("period", made.period.name)
                        .number("position", made.position)
                        .number("amends", std::uint64_t{made.amends})
                        .done()
                 << '\n';
  } else if (terminal.chinese) {
    terminal.out << made.unit_name << ' ' << made.period.name
                 << (made.amends > 0 ? " 的结账已更正" : " 已结账") << "（位置 " << made.position
                 << "）；之后到达的记录用 doorstepd report closed 查看。\n";
  } else {
    terminal.out << made.unit_name << ' ' << made.period.name
                 << (made.amends > 0 ? ": the closing is amended" : " is closed") << " (position "
                 << made.position << "); 'doorstepd report closed' shows what comes later.\n";
  }
  return {};
}

Status closed_periods(const ClosedOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const figures::FigureSet set, figures_of(options.figures));
  std::string period;
  if (!options.period.empty()) {
    DS_ASSIGN(const figures::Period named, figures::parse_period(options.period));
    period = named.name;
  }
  DS_ASSIGN(auto hub, HubFigures::open(folder.store(), folder.database_file()));
  std::string scope = options.scope;
  if (scope.empty()) {
    DS_ASSIGN(scope, top_unit(hub.runner()));
  }
  DS_ASSIGN(const auto reports, closed_reports(hub, folder.store().identity(), set, scope, period));
  switch (options.form) {
    case ReportOptions::Form::json:
      for (const ClosedReport& one : reports)
        terminal.out << closed_json(one, terminal.chinese) << '\n';
      return {};
    case ReportOptions::Form::csv:
      terminal.out << closed_csv(reports, terminal.chinese);
      return {};
    case ReportOptions::Form::html:
      terminal.out << closed_html(reports, terminal.chinese);
      return {};
    case ReportOptions::Form::table:
      break;
  }
  if (reports.empty())
    terminal.out << (terminal.chinese ? "没有已结账的期间。\n" : "No period is closed.\n");
  for (const ClosedReport& one : reports)
    terminal.out << closed_lines(one, terminal.chinese) << '\n';
  return {};
}

}  // namespace doorstep::commands
