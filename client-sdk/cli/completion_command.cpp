#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"

namespace doorstep::cli {
namespace {

/// Made from the commands themselves, so that it cannot fall behind.
std::string bash_script(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += command->get_name() + " ";
    cases += "    " + command->get_name() + ") words=\"";
    for (const CLI::Option* option : command->get_options()) {
      if (!option->get_lnames().empty()) cases += "--" + option->get_lnames().front() + " ";
    }
    cases += "\" ;;\n";
  }
  return "_doorstep() {\n  local words=\"" + commands + "\"\n  case \"${COMP_WORDS[1]}\" in\n" +
         cases + "  esac\n  [[ ${COMP_CWORD} == 1 ]] && words=\"" + commands +
         "\"\n"
         "  if [[ ${COMP_WORDS[COMP_CWORD-1]} == --db ]]; then COMPREPLY=($(compgen -f -- "
         "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  else COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")); fi\n}\n"
         "complete -F _doorstep doorstep\n";
}

}  // namespace

void add_completion(CLI::App& app, int& status) {
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "Print a completion script for bash");
  command->add_option("shell", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->footer("Example:\n  source <(doorstep completion bash)");
  command->callback([shell, &app, &status] {
    fmt::print("{}", bash_script(app));
    status = 0;
  });
}

}  // namespace doorstep::cli
