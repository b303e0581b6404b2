#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/enrolment.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct InitOptions {
  std::string db;
  std::string server;
  std::string code;
  bool json = false;
};

int run(const InitOptions& options) {
  const auto enrolled = enrol_replica({options.db, options.server, options.code}, device_clock());
  if (!enrolled) return fail(enrolled.error());
  if (options.json) {
    fmt::print("{}\n", JsonLine()
                           .text("device", enrolled->device.hex())
                           .text("device_name", enrolled->device_name)
                           .text("hub", enrolled->hub.hex())
                           .text("hub_name", enrolled->hub_name)
                           .text("role", enrolled->role)
                           .done());
    return 0;
  }
  fmt::print(
      "{}\n",
      fmt::format(fmt::runtime(say("{} is now a replica of {} for {}.\nNext: doorstep sync --db {}",
                                   "{} 已登记到{}，使用人：{}。\n下一步：doorstep sync --db {}")),
                  options.db, enrolled->hub_name, enrolled->device_name, options.db));
  return 0;
}

}  // namespace

void add_init(CLI::App& app, int& status) {
  auto options = std::make_shared<InitOptions>();
  auto* command =
      app.add_subcommand("init", "Enrol this device and make its replica / 登记本机并新建档案");
  command->add_option("--db", options->db, "The file to make")->required();
  command->add_option("--server", options->server, "The hub's address, wss://host:port")
      ->required();
  command->add_option("--code", options->code, "The one-time code from the township")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "Example:\n  doorstep init --db wang.db --server wss://hub.example:7300 --code 7K3Q-...");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
