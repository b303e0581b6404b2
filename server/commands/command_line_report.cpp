#include <CLI/CLI.hpp>

#include "server/commands/command_choice.hpp"

namespace doorstep::commands {
namespace {

using Form = ReportOptions::Form;

void add_form(CLI::App& command, Form& form) {
  CLI::Option_group* group = command.add_option_group("form", "as a table for people, or");
  group->add_flag_callback(
      "--json", [&form] { form = Form::json; }, "JSON");
  group->add_flag_callback(
      "--csv", [&form] { form = Form::csv; }, "for spreadsheets");
  group->add_flag_callback(
      "--html", [&form] { form = Form::html; }, "for printing");
  group->require_option(0, 1);
}

void add_figures(CLI::App& command, std::string& figures) {
  command
      .add_option("--figures", figures, "figures of another app; those of the village if not given")
      ->type_name("FILE");
}

void add_close(CLI::App& report, Choice& choice) {
  CLI::App* command = report.add_subcommand(
      "close", "fix the figures of a period; what comes later is an amendment");
  CloseOptions& options = choice.close;
  add_data(command, options.data);
  command->add_option("--scope", options.scope, "the unit")->required()->type_name("CODE");
  command->add_option("--period", options.period, "a week, month, quarter or half-year")
      ->required()
      ->type_name("2026H1");
  command->add_option("--by", options.by, "who closes it")->required()->type_name("NAME");
  command->add_option("--why", options.why, "why; needed to amend what was closed before")
      ->type_name("TEXT");
  command->add_flag("--anyway", options.anyway, "also when the period is not over");
  add_figures(*command, options.figures);
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return close_period(choice.close, terminal);
    };
  });
}

void add_closed(CLI::App& report, Choice& choice) {
  CLI::App* command =
      report.add_subcommand("closed", "closed periods, and what came after their closing");
  ClosedOptions& options = choice.closed;
  add_data(command, options.data);
  command->add_option("--scope", options.scope, "a unit and all below it; all if not given")
      ->type_name("CODE");
  command->add_option("--period", options.period, "all if not given")->type_name("2026H1");
  add_figures(*command, options.figures);
  add_form(*command, options.form);
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return closed_periods(choice.closed, terminal);
    };
  });
}

}  // namespace

void add_report(CLI::App& app, Choice& choice) {
  using Kind = ReportOptions::Kind;
  CLI::App* command = add_command(app, "report", "The figures of a week or a month, by unit",
                                  "  doorstepd report weekly --data hub --scope 431224103\n"
                                  "  doorstepd report weekly --data hub --week 2026-W47 --csv\n"
                                  "  doorstepd report monthly --data hub --month 2026-11 --html "
                                  "> november.html\n"
                                  "  doorstepd report publicity --data hub --scope 431224103212\n"
                                  "  doorstepd report close --data hub --scope 431224103 "
                                  "--period 2026H1 --by 刘主任\n"
                                  "  doorstepd report closed --data hub --scope 431224103\n");
  ReportOptions& options = choice.report;
  const auto add = [&](const char* name, const char* says, Kind kind, const char* period) {
    CLI::App* one = command->add_subcommand(name, says);
    add_data(one, options.data);
    one->add_option("--scope", options.scope, "a unit; the one above all others if not given")
        ->type_name("CODE");
    one->add_option(period, options.period, "the last whole one if not given")
        ->type_name(kind == Kind::weekly ? "2026-W47" : "2026-11");
    add_figures(*one, options.figures);
    add_form(*one, options.form);
    one->callback([&choice, kind] {
      choice.report.kind = kind;
      choice.run = [&choice](const Terminal& terminal) { return report(choice.report, terminal); };
    });
  };
  add("weekly", "the bulletin of a week, with the week before", Kind::weekly, "--week");
  add("monthly", "the same of a month, a quarter or a half-year", Kind::monthly, "--month");
  add("publicity", "what is put on the board, with the position and digest it was made from",
      Kind::publicity, "--month");
  add_close(*command, choice);
  add_closed(*command, choice);
  command->require_subcommand(1);
}

}  // namespace doorstep::commands
