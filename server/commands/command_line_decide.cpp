// The commands with which a secretary looks at what met, and decides.
#include <CLI/CLI.hpp>

#include "server/commands/command_choice.hpp"

namespace doorstep::commands {

void add_conflicts(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "conflicts", "List values that lost, newest first",
                  "  doorstepd conflicts --data hub --open\n"
                  "  doorstepd conflicts --data hub --open --table resident --limit 50 --json\n");
  ConflictOptions& options = choice.conflicts;
  add_data(command, options.data);
  command->add_flag("--open", options.only_open, "only those that wait for a person");
  command->add_option("--table", options.table, "only of this table");
  command->add_option("--limit", options.limit, "at most so many")->type_name("N");
  command->add_flag("--json", options.json, "print JSON, one object a line");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return conflicts(choice.conflicts, terminal);
    };
  });
}

void add_decide(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "decide", "Settle a conflict, or take the decision back",
                  "  doorstepd decide --data hub 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --keep loser\n"
                  "  doorstepd decide --data hub 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --keep "
                  "13800000001 --by 李秀英\n"
                  "  doorstepd decide --data hub 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --undo\n");
  DecideOptions& options = choice.decide;
  add_data(command, options.data);
  command->add_option("conflict", options.conflict, "its id")->required()->type_name("CONFLICT");
  CLI::Option* keep = command->add_option("--keep", options.keep, "what is to stand")
                          ->type_name("winner|loser|VALUE");
  CLI::Option* value =
      command->add_option("--value", options.value, "a third value, also one named 'winner'")
          ->excludes(keep);
  command->add_option("--by", options.by, "who decides; the hub's name if not given")
      ->type_name("NAME");
  command->add_flag("--undo", options.undo, "take the decision back")
      ->excludes(keep)
      ->excludes(value);
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice, value] {
    choice.decide.has_value = value->count() > 0;
    choice.run = [&choice](const Terminal& terminal) { return decide(choice.decide, terminal); };
  });
}

void add_explain(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "explain", "Why a cell shows what it shows: all values on record for it",
      "  doorstepd explain --data hub resident 018f3a6e-0000-7000-8000-000000000001 phone\n"
      "  doorstepd explain --data hub org_unit 431224103212 name --json\n");
  ExplainOptions& options = choice.explain;
  add_data(command, options.data);
  command->add_option("table", options.table, "the table")->required()->type_name("TABLE");
  command->add_option("row", options.row, "the row's id")->required()->type_name("ID");
  command->add_option("column", options.column, "the column")->required()->type_name("COLUMN");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return explain_cell(choice.explain, terminal);
    };
  });
}

void add_duplicates(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "duplicates", "List rows that may be one thing, registered twice; decide",
                  "  doorstepd duplicates --data hub\n"
                  "  doorstepd duplicates accept 5d41402a --data hub --by 李秀英\n"
                  "  doorstepd duplicates reject 5d41402a --data hub\n");
  DuplicatesOptions& options = choice.duplicates;
  add_data(command, options.data);
  command->add_flag("--all", options.all, "those that were decided too");
  command->add_flag("--json", options.json, "print JSON, one object a line");
  command->add_option("--by", options.by, "who decides; the hub's name if not given")
      ->type_name("NAME");
  command->require_subcommand(0, 1);
  const auto add_action = [&](const char* name, const char* says,
                              DuplicatesOptions::Action action) {
    CLI::App* one = command->add_subcommand(name, says)->fallthrough();
    one->add_option("pair", options.pair, "id of the pair, or its first digits")
        ->required()
        ->type_name("PAIR");
    one->callback([&options, action] { options.action = action; });
    return one;
  };
  using Action = DuplicatesOptions::Action;
  add_action("accept", "They are one: merge them", Action::accept)
      ->add_option("--survivor", options.survivor, "row that stays; the older one if not given")
      ->type_name("ID");
  add_action("reject", "They are two: never propose them again", Action::reject);
  add_action("unmerge", "Take a merge back", Action::unmerge);
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return duplicates(choice.duplicates, terminal);
    };
  });
}

void add_quarantine(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "quarantine", "List transactions that are kept for a person; look at one, settle it",
      "  doorstepd quarantine --data hub\n"
      "  doorstepd quarantine show 5d41402a --data hub\n"
      "  doorstepd quarantine admit 5d41402a 7b52009b --data hub --by 李秀英\n"
      "  doorstepd quarantine discard 5d41402a --data hub\n");
  QuarantineOptions& options = choice.quarantine;
  add_data(command, options.data);
  command->add_flag("--all", options.all, "those that were settled too");
  command->add_flag("--json", options.json, "print JSON, one object a line");
  command->add_option("--by", options.by, "who decides; the hub's name if not given")
      ->type_name("NAME");
  command->require_subcommand(0, 1);
  using Action = QuarantineOptions::Action;
  const auto add_action = [&](const char* name, const char* says, Action action) {
    CLI::App* one = command->add_subcommand(name, says)->fallthrough();
    one->add_option("ids", options.ids, "ids of transactions, or their first digits")
        ->required()
        ->type_name("ID");
    one->callback([&options, action] { options.action = action; });
  };
  add_action("show", "What it writes, and the rows as its phone had them", Action::show);
  add_action("admit", "Take it in as it was written; rows that the hub lacks come back",
             Action::admit);
  add_action("discard", "Settled: it is not listed any more", Action::discard);
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return quarantine(choice.quarantine, terminal);
    };
  });
}

void add_import_rescued(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "import-rescued",
                  "Take in what was rescued from a damaged phone, for a person to look at",
                  "  doorstepd import-rescued --data hub wang.db.rescued-20260418T093000Z\n");
  ImportRescuedOptions& options = choice.import_rescued;
  add_data(command, options.data);
  command->add_option("file", options.file, "the sealed file")->required()->type_name("FILE");
  command->add_option("--device", options.device, "whose it is, where the file does not say it")
      ->type_name("DEVICE");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) {
      return import_rescued_work(choice.import_rescued, terminal);
    };
  });
}

void add_compare(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "compare", "Compare what one device holds with the hub, without a reload",
      "  doorstepd compare --data hub 李秀英\n"
      "  doorstepd compare --data hub 018f3a6e --wait 60\n"
      "  doorstepd compare --data hub 李秀英 --last --json\n"
      "Exit status 0: nothing differs that is not explained. 1: something does, or no answer yet.\n"
      "A device that does not call in time is asked when it calls next.\n");
  CompareOptions& options = choice.compare;
  add_data(command, options.data);
  command->add_option("device", options.device, "id, its first digits, or name")
      ->required()
      ->type_name("DEVICE");
  command
      ->add_option_function<std::int64_t>(
          "--wait", [&options](const std::int64_t& seconds) { options.wait_ms = seconds * 1000; },
          "for the device's answer (10 if not given)")
      ->check(CLI::Range(std::int64_t{0}, limits::compare_wait_s_max))
      ->type_name("SECONDS");
  command->add_flag("--last", options.last, "ask nothing, only show the last answer");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return compare(choice.compare, terminal); };
  });
}

}  // namespace doorstep::commands
