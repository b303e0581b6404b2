// The commands with which a hub is copied, brought back and begun anew.
#include <CLI/CLI.hpp>

#include "server/commands/command_choice.hpp"

namespace doorstep::commands {

void add_backup(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "backup", "Copy the hub into one file, beside a running serve",
                  "  doorstepd backup --data hub /mnt/usb/qiaojiang.db\n"
                  "  doorstepd backup --data hub hub-$(date +%F).db --json\n");
  BackupOptions& options = choice.backup;
  add_data(command, options.data);
  command->add_option("file", options.file, "where to; one of that name is replaced")
      ->required()
      ->type_name("FILE");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return backup(choice.backup, terminal); };
  });
}

void add_restore(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "restore", "Go on from a backup; phones offer again what it lacks",
                  "  doorstepd restore --data hub /mnt/usb/qiaojiang.db\n"
                  "  doorstepd restore --data hub hub-2026-11-20.db --json\n");
  RestoreOptions& options = choice.restore;
  add_data(command, options.data);
  command->add_option("file", options.file, "a backup, or a copy of hub.db")
      ->required()
      ->type_name("FILE");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return restore(choice.restore, terminal); };
  });
}

void add_reset(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "reset", "Begin anew without rows: the same hub, schema and devices",
                  "  doorstepd reset --data hub --yes\n"
                  "  doorstepd reset --data hub --yes --json\n");
  ResetOptions& options = choice.reset;
  add_data(command, options.data);
  command->add_flag("--yes", options.yes, "all rows are to go; the database is kept aside");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return reset(choice.reset, terminal); };
  });
}

void add_restored(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "restored", "After a restore: what came again, what is missing, what only phones had",
      "  doorstepd restored --data hub\n"
      "  doorstepd restored --data hub --json\n"
      "  doorstepd restored discard 李秀英 --data hub\n");
  RestoredOptions& options = choice.restored;
  add_data(command, options.data);
  command->add_flag("--json", options.json, "print JSON, one object a line");
  command->require_subcommand(0, 1);
  command
      ->add_subcommand("discard", "Rows that only this phone had are settled, not listed any more")
      ->fallthrough()
      ->add_option("device", options.discard, "id, its first digits, or name")
      ->required()
      ->type_name("DEVICE");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return restored(choice.restored, terminal);
    };
  });
}

}  // namespace doorstep::commands
