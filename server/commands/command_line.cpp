#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <ostream>

#include "engine/core/limits.hpp"
#include "server/commands/command_choice.hpp"

namespace doorstep::commands {
namespace {

constexpr int done = 0;
constexpr int not_done = 1;
constexpr int wrong_usage = 2;

void add_init(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(app, "init", "Make a new hub in a folder",
                                  "  doorstepd init --data /srv/qiaojiang --name 桥江镇\n"
                                  "  doorstepd init --data hub --schema village.toml\n");
  InitOptions& options = choice.init;
  add_data(command, options.data);
  command
      ->add_option("--schema", options.schema,
                   "schema file; the built-in village schema if not given")
      ->type_name("FILE");
  command->add_option("--name", options.name, "what people call this hub")->capture_default_str();
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return init(choice.init, terminal); };
  });
}

void add_serve(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "serve", "Serve devices until SIGTERM or Ctrl-C",
      "  doorstepd serve --data hub --listen 127.0.0.1:7300\n"
      "  doorstepd serve --data hub --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem\n"
      "  doorstepd serve --data hub --listen 127.0.0.1:0 --json\n"
      "  doorstepd serve --data hub --listen 0.0.0.0:7300 --console 127.0.0.1:7301 \\\n"
      "    --tls-cert cert.pem --tls-key key.pem\n");
  ServeOptions& options = choice.serve;
  add_data(command, options.data);
  command->add_option("--listen", options.listen, "address and port; port 0 picks a free one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  CLI::Option* certificate =
      command->add_option("--tls-cert", options.tls_certificate, "certificate chain, PEM")
          ->type_name("FILE");
  CLI::Option* key =
      command->add_option("--tls-key", options.tls_key, "its private key, PEM")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  command->add_flag("--insecure-listen", options.insecure_listen,
                    "allow plain ws:// on an address that others can reach");
  add_console_options(command, options);
  command->add_flag("--json", options.json, "print {\"listening\":URL} when ready");
  command->add_flag("--log-json", options.log_json, "log JSON lines");
  command->add_flag("-v,--verbose", options.verbose, "log connections too");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return serve(choice.serve, terminal); };
  });
}

void add_enrol(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "enrol", "Make a one-time code for a device, as text and QR",
      "  doorstepd enrol --data hub --scope 431224103212 --role volunteer --name 李秀英\n"
      "  doorstepd enrol --data hub --scope 431224103 --role township_secretary --name "
      "'Wang' --json\n");
  EnrolOptions& options = choice.enrol;
  add_data(command, options.data);
  command->add_option("--scope", options.scopes, "codes of villages or other units")
      ->required()
      ->delimiter(',')
      ->type_name("CODE[,CODE]");
  command->add_option("--role", options.role, "role of the schema")->required()->type_name("ROLE");
  command->add_option("--name", options.name, "who will carry the device")->required();
  command->add_flag("--json", options.json, "print one JSON object: code, expires_at");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return enrol(choice.enrol, terminal); };
  });
}

using Listing = Status (*)(const ListOptions&, const Terminal&);

CLI::App* add_listing(CLI::App& app, Choice& choice, const char* name, const char* says,
                      Listing listing) {
  const std::string examples = std::string("  doorstepd ") + name + " --data hub\n  doorstepd " +
                               name + " --data hub --json\n";
  CLI::App* command = add_command(app, name, says, examples.c_str());
  add_data(command, choice.list.data);
  command->add_flag("--json", choice.list.json, "print JSON, one object a line");
  command->callback([&choice, listing] {
    choice.run = [&choice, listing](const Terminal& terminal) {
      return listing(choice.list, terminal);
    };
  });
  return command;
}

void add_revoke(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "revoke", "End a device's enrolment; an open connection is closed",
                  "  doorstepd revoke --data hub 李秀英\n"
                  "  doorstepd revoke --data hub 018f3a6e --lost\n");
  RevokeOptions& options = choice.revoke;
  add_data(command, options.data);
  command->add_option("device", options.device, "id, its first digits, or name")
      ->required()
      ->type_name("DEVICE");
  command->add_flag("--lost", options.lost, "the phone is lost: what it still sends is kept apart");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return revoke(choice.revoke, terminal); };
  });
}

void add_grant(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(
      app, "grant", "Change the scopes of a device; its next sync brings and takes the rows",
      "  doorstepd grant --data hub 李秀英 --scope 431224103213\n"
      "  doorstepd grant --data hub 018f3a6e --scope 431224103212,431224103213 --json\n");
  GrantOptions& options = choice.grant;
  add_data(command, options.data);
  command->add_option("device", options.device, "id, its first digits, or name")
      ->required()
      ->type_name("DEVICE");
  command->add_option("--scope", options.scopes, "all that it is to have from now on")
      ->required()
      ->delimiter(',')
      ->type_name("CODE[,CODE]");
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return grant(choice.grant, terminal); };
  });
}

void add_load(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "load", "Fill a hub with a generated village, or with a county of 412",
                  "  doorstepd load --data hub --sample dushi\n"
                  "  doorstepd load --data hub --sample dushi --seed 7\n"
                  "  doorstepd load --data hub --sample xupu\n"
                  "A load that was stopped goes on when the same command is given again.\n");
  LoadOptions& options = choice.load;
  add_data(command, options.data);
  command
      ->add_option("--sample", options.sample,
                   "dushi: one village with a year of work; xupu: its whole county")
      ->required()
      ->check(CLI::IsMember({"dushi", "xupu"}));
  command->add_option("--seed", options.seed, "same seed, same rows")->capture_default_str();
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return load(choice.load, terminal); };
  });
}

void add_collect(CLI::App& app, Choice& choice) {
  CLI::App* command =
      add_command(app, "collect", "Let go of tombstones and the like that no device needs any more",
                  "  doorstepd collect --data hub --dry-run\n"
                  "  doorstepd collect --data hub --horizon-days 365\n");
  CollectCommandOptions& options = choice.collect;
  add_data(command, options.data);
  command->add_flag("--dry-run", options.dry_run, "only count");
  command
      ->add_option("--horizon-days", options.horizon_days,
                   "from now on wait so long for silent devices (180 at first)")
      ->check(CLI::Range(std::int64_t{1}, limits::horizon_days_max));
  command->add_flag("--json", options.json, "print one JSON object");
  command->callback([&choice] {
    choice.run = [&choice](const Terminal& terminal) { return collect(choice.collect, terminal); };
  });
}

void add_schema(CLI::App& app, Choice& choice) {
  using Run = Status (*)(const SchemaOptions&, const Terminal&);
  CLI::App* command = add_command(app, "schema", "Show the schema, or take a newer one",
                                  "  doorstepd schema apply --data hub village-v4.toml --dry-run\n"
                                  "  doorstepd schema apply --data hub village-v4.toml\n"
                                  "  doorstepd schema list --data hub\n");
  SchemaOptions& options = choice.schema;
  const auto add = [&](const char* name, const char* says, Run run) {
    CLI::App* one = command->add_subcommand(name, says);
    add_data(one, options.data);
    one->callback([&choice, run] {
      choice.run = [&choice, run](const Terminal& terminal) {
        return run(choice.schema, terminal);
      };
    });
    return one;
  };
  CLI::App* apply = add("apply", "take a newer schema; a running serve notices", schema_apply);
  apply->add_option("file", options.file, "the newer schema")->required()->type_name("FILE");
  apply->add_flag("--dry-run", options.dry_run, "only say what would happen");
  apply->add_flag("--json", options.json, "print one JSON object");
  add("list", "every schema that this hub had", schema_list)
      ->add_flag("--json", options.json, "print JSON, one object a line");
  add("show", "the text of the newest", schema_show);
  command->require_subcommand(1);
}

void add_completion(CLI::App& app, Choice& choice) {
  CLI::App* command = add_command(app, "completion", "Print a completion script for a shell",
                                  "  source <(doorstepd completion bash)\n");
  command->add_subcommand("bash", "for bash")->callback([&choice] {
    choice.run = [](const Terminal& terminal) -> Status {
      terminal.out << bash_completion();
      return {};
    };
  });
  command->require_subcommand(1);
}

void add_all(CLI::App& app, Choice& choice) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "doorstepd 0.1.0");
  app.footer(
      "Exit status: 0 done, 1 not done (the message says what to do), 2 wrong usage.\n"
      "Start with: doorstepd init --help");
  add_init(app, choice);
  add_serve(app, choice);
  add_console_code(app, choice);
  add_enrol(app, choice);
  add_listing(app, choice, "devices", "List the devices: last contact, lag, pending, clock",
              devices);
  add_grant(app, choice);
  add_revoke(app, choice);
  add_conflicts(app, choice);
  add_decide(app, choice);
  add_explain(app, choice);
  add_duplicates(app, choice);
  add_quarantine(app, choice);
  add_import_rescued(app, choice);
  add_report(app, choice);
  add_listing(app, choice, "verify", "Check the database, its digests, positions and tokens",
              verify);
  add_compare(app, choice);
  add_backup(app, choice);
  add_restore(app, choice);
  add_restored(app, choice);
  add_reset(app, choice);
  add_collect(app, choice);
  add_load(app, choice);
  add_schema(app, choice);
  add_completion(app, choice);
}

}  // namespace

CLI::App* add_command(CLI::App& app, const char* name, const char* says, const char* examples) {
  CLI::App* command = app.add_subcommand(name, says);
  command->footer(std::string("Examples:\n") + examples);
  return command;
}

void add_data(CLI::App* command, std::string& data) {
  command->add_option("--data", data, "the hub's folder")->required()->type_name("DIR");
}

int run(const std::vector<std::string>& arguments, const Terminal& terminal) {
  Choice choice;
  try {
    CLI::App app("The hub of doorstep: merges what phones recorded offline", "doorstepd");
    add_all(app, choice);
    try {
      app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& refused) {
      const int status = app.exit(refused, terminal.out, terminal.err);
      return status == 0 ? done : wrong_usage;
    }
    const Status status = choice.run(terminal);
    if (status) return done;
    terminal.err << "doorstepd: " << explain(status.error(), terminal) << '\n';
    return status.error().code == ErrorCode::usage ? wrong_usage : not_done;
  } catch (const std::exception& e) {
    terminal.err << "doorstepd: " << explain(error(ErrorCode::internal, e.what()), terminal)
                 << '\n';
    return not_done;
  }
}

}  // namespace doorstep::commands
