#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <fstream>
#include <iterator>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct SchemaOptions {
  std::string db;
  std::string file;
  bool json = false;
};

int tell_upgrade(const Result<SchemaUpgrade>& upgrade, const SchemaOptions& options) {
  if (!upgrade) return fail(upgrade.error());
  if (options.json) {
    std::string added = "[";
    for (const std::string& one : upgrade->added) {
      added += (added.size() > 1 ? "," : "") + json_string(one);
    }
    fmt::print("{}\n", JsonLine()
                           .number("from", std::uint64_t{upgrade->from})
                           .number("to", std::uint64_t{upgrade->to})
                           .raw("added", added + "]")
                           .done());
    return 0;
  }
  for (const std::string& one : upgrade->added) fmt::print("  + {}\n", one);
  if (upgrade->added.empty()) {
    fmt::print(fmt::runtime(say("Nothing is new: version {}.\n", "没有新内容：版本 {}。\n")),
               upgrade->to);
  } else {
    fmt::print(fmt::runtime(say("Version {} is now version {}. The next sync fills what is new.\n",
                                "版本 {} 已升为版本 {}。下次同步会补齐新内容。\n")),
               upgrade->from, upgrade->to);
  }
  return 0;
}

int run_apply(const SchemaOptions& options) {
  std::ifstream file(options.file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return fail(error(ErrorCode::io_error, "the schema file " + options.file + " cannot be read"));
  }
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  return tell_upgrade((*replica)->apply_schema(text), options);
}

int run_upgrade(const SchemaOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  return tell_upgrade((*replica)->upgrade_schema(), options);
}

}  // namespace

void add_schema(CLI::App& app, int& status) {
  auto options = std::make_shared<SchemaOptions>();
  auto* command = app.add_subcommand("schema", "Take a newer schema / 升级表结构");
  command->footer(
      "Examples:\n"
      "  doorstep schema upgrade --db wang.db          the newest that the hub has sent\n"
      "  doorstep schema apply --db wang.db village-v4.toml");
  const auto add = [&](const char* name, const char* what, int (*run)(const SchemaOptions&)) {
    auto* one = command->add_subcommand(name, what);
    one->add_option("--db", options->db, "The replica")->required();
    one->add_flag("--json", options->json, "Print one JSON object");
    one->callback([options, run, &status] { status = run(*options); });
    return one;
  };
  add("apply", "From a file that came with the app / 用应用自带的文件", run_apply)
      ->add_option("file", options->file, "The newer schema")
      ->required();
  add("upgrade", "From the hub, as its last sync sent it / 用乡镇下发的版本", run_upgrade);
  command->require_subcommand(1);
}

}  // namespace doorstep::cli
