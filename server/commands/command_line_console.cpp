#include <CLI/CLI.hpp>

#include "server/commands/command_choice.hpp"

namespace doorstep::commands {

void add_console_code(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "console-code", "Make a one-time code to sign in to the console",
                  "  doorstepd console-code --data hub --name 张文书\n"
                  "  doorstepd console-code --data hub --name 办公室 --role office --json\n");
  ConsoleCodeOptions& options = choice.console_code;
  add_data(command, options.data);
  command->add_option("--name", options.name, "who signs in with it")
      ->required()
      ->check([](const std::string& name) {
        const bool blank = name.find_first_not_of(" \t") == std::string::npos;
        return blank ? std::string("a name is wanted") : std::string();
      });
  command
      ->add_option("--role", options.role,
                   "secretary: everything; office: overview and reports, numbers without names")
      ->check(CLI::IsMember({"secretary", "office"}))
      ->capture_default_str();
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return console_code(choice.console_code, terminal);
    };
  });
}

void add_console_options(CLI::App* serve, ServeOptions& options) {
  CLI::Option* console =
      serve
          ->add_option("--console", options.console, "address and port of the console for browsers")
          ->type_name("HOST:PORT");
  serve
      ->add_option("--console-host", options.console_hosts,
                   "a name by which browsers call it, beside addresses and localhost")
      ->type_name("NAME")
      ->needs(console);
}

}  // namespace doorstep::commands
