#include <CLI/CLI.hpp>

#include "server/commands/command_choice.hpp"

namespace doorstep::commands {

void add_report(CLI::App& app, Choice& choice) {
  using Kind = ReportOptions::Kind;
  using Form = ReportOptions::Form;
  CLI::App* command = add_command(app, "report", "The figures of a week or a month, by unit",
                                  "  doorstepd report weekly --data hub --scope 431224103\n"
                                  "  doorstepd report weekly --data hub --week 2026-W47 --csv\n"
                                  "  doorstepd report monthly --data hub --month 2026-11 --html "
                                  "> november.html\n"
                                  "  doorstepd report publicity --data hub --scope 431224103212\n");
  ReportOptions& options = choice.report;
  const auto add = [&](const char* name, const char* says, Kind kind, const char* period) {
    CLI::App* one = command->add_subcommand(name, says);
    add_data(one, options.data);
    one->add_option("--scope", options.scope, "a unit; the one above all others if not given")
        ->type_name("CODE");
    one->add_option(period, options.period, "the last whole one if not given")
        ->type_name(kind == Kind::weekly ? "2026-W47" : "2026-11");
    one->add_option("--figures", options.figures,
                    "figures of another app; those of the village if "
                    "not given")
        ->type_name("FILE");
    CLI::Option_group* form = one->add_option_group("form", "as a table for people, or");
    form->add_flag_callback(
        "--json", [&options] { options.form = Form::json; }, "one JSON object");
    form->add_flag_callback(
        "--csv", [&options] { options.form = Form::csv; }, "for spreadsheets");
    form->add_flag_callback(
        "--html", [&options] { options.form = Form::html; }, "for printing");
    form->require_option(0, 1);
    one->callback([&choice, kind] {
      choice.report.kind = kind;
      choice.run = [&choice](const Terminal& terminal) { return report(choice.report, terminal); };
    });
  };
  add("weekly", "the bulletin of a week, with the week before", Kind::weekly, "--week");
  add("monthly", "the same of a month, a quarter or a half-year", Kind::monthly, "--month");
  add("publicity", "what is put on the board, with the position and digest it was made from",
      Kind::publicity, "--month");
  command->require_subcommand(1);
}

}  // namespace doorstep::commands
