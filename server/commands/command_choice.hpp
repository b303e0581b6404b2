// What the command line of doorstepd can say: shared by the files that describe the commands.
#pragma once

#include <functional>
#include <string>

#include "server/commands/command.hpp"

namespace CLI {
class App;
}

namespace doorstep::commands {

/// All that the command line can set, and what it asked to run.
struct Choice {
  InitOptions init;
  ServeOptions serve;
  ConsoleCodeOptions console_code;
  EnrolOptions enrol;
  ListOptions list;
  GrantOptions grant;
  RevokeOptions revoke;
  ConflictOptions conflicts;
  DecideOptions decide;
  ExplainOptions explain;
  CompareOptions compare;
  CollectCommandOptions collect;
  DuplicatesOptions duplicates;
  QuarantineOptions quarantine;
  ImportRescuedOptions import_rescued;
  LoadOptions load;
  BackupOptions backup;
  RestoreOptions restore;
  ResetOptions reset;
  RestoredOptions restored;
  ReportOptions report;
  CloseOptions close;
  ClosedOptions closed;
  SchemaOptions schema;
  std::function<Status(const Terminal&)> run;
};

/// A command with examples in its help.
CLI::App* add_command(CLI::App& app, const char* name, const char* says, const char* examples);
/// The option that every command has.
void add_data(CLI::App* command, std::string& data);

// What a secretary looks at and decides.
void add_conflicts(CLI::App& app, Choice& choice);
void add_decide(CLI::App& app, Choice& choice);
void add_explain(CLI::App& app, Choice& choice);
void add_duplicates(CLI::App& app, Choice& choice);
void add_quarantine(CLI::App& app, Choice& choice);
void add_import_rescued(CLI::App& app, Choice& choice);
void add_compare(CLI::App& app, Choice& choice);

// The console for browsers.
void add_console_code(CLI::App& app, Choice& choice);
void add_console_options(CLI::App* serve, ServeOptions& options);

void add_report(CLI::App& app, Choice& choice);

// How a hub is copied, brought back and begun anew.
void add_backup(CLI::App& app, Choice& choice);
void add_restore(CLI::App& app, Choice& choice);
void add_reset(CLI::App& app, Choice& choice);
void add_restored(CLI::App& app, Choice& choice);

}  // namespace doorstep::commands
