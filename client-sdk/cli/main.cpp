#include <sodium.h>

#include <CLI/CLI.hpp>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"
#include "engine/core/hash.hpp"

int main(int argc, char** argv) {
  doorstep::initialise_crypto();
  int status = 0;
  CLI::App app(
      "doorstep: a village's records on this device, offline first\n"
      "doorstep：本机上的村级档案，离线优先\n",
      "doorstep");
  app.require_subcommand(1);
  app.set_version_flag("--version", "doorstep 0.1.0");
  app.footer(
      "Examples:\n"
      "  doorstep init --db wang.db --server wss://hub.example:7300 --code 7K3Q-...\n"
      "  doorstep sync --db wang.db\n"
      "  doorstep sql --db wang.db \"select head_name, phone from household limit 5\"\n"
      "Exit status: 0 done, 1 not done (the message says what to do), 2 wrong usage.");
  doorstep::cli::add_init(app, status);
  doorstep::cli::add_sql(app, status);
  doorstep::cli::add_sync(app, status);
  doorstep::cli::add_status(app, status);
  doorstep::cli::add_conflicts(app, status);
  doorstep::cli::add_decide(app, status);
  doorstep::cli::add_explain(app, status);
  doorstep::cli::add_rejected(app, status);
  doorstep::cli::add_rescue(app, status);
  doorstep::cli::add_report(app, status);
  doorstep::cli::add_schema(app, status);
  doorstep::cli::add_verify(app, status);
  doorstep::cli::add_completion(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? 0 : 2;
  }
  return status;
}
