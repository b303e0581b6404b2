#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/rescue.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct RescueOptions {
  std::string db;
  bool json = false;
};

void print_json(const RescueReport& report) {
  fmt::print("{}\n", JsonLine()
                         .boolean("damaged", !report.damage.empty())
                         .text("damage", report.damage)
                         .text("damaged_file", report.damaged_file)
                         .text("sealed_file", report.sealed_file)
                         .number("unsent", report.unsent)
                         .number("rejected", report.rejected)
                         .number("left", report.left)
                         .number("unreadable", report.unreadable)
                         .boolean("rows_kept", report.rows_kept)
                         .number("rows", report.rows)
                         .boolean("enrol_again", report.enrol_again)
                         .done());
}

template <class... Arguments>
void tell(std::string_view english, std::string_view chinese, const Arguments&... arguments) {
  fmt::print(fmt::runtime(say(english, chinese)), arguments...);
}

void tell_work(const RescueReport& report) {
  if (!report.enrol_again) {
    tell("  {} unsent transactions are in it again; the next sync sends them.\n",
         "  {} 项未发出的内容已放回，下次同步时发出。\n", report.unsent);
  }
  if (report.rejected > 0 && !report.enrol_again) {
    tell("  {} rejected ones wait as before: doorstep rejected\n",
         "  {} 项被退回的内容仍在等待处理：doorstep rejected\n", report.rejected);
  }
  if (report.left > 0) {
    tell(
        "  {} transactions are only in the sealed file: take it to the township, which runs\n"
        "    doorstepd import-rescued --data DIR {}\n",
        "  {} 项内容只在封存文件里：请把它交给乡镇，由乡镇运行\n"
        "    doorstepd import-rescued --data DIR {}\n",
        report.left, report.sealed_file);
  }
  if (report.unreadable > 0) {
    tell("  {} transactions could not be read any more.\n", "  {} 项内容已无法读出。\n",
         report.unreadable);
  }
}

void print_text(const RescueReport& report, const RescueOptions& options) {
  if (report.damage.empty()) {
    tell("The file is sound; nothing was done.\n", "文件完好，未作任何改动。\n");
    return;
  }
  tell("Damaged: {}\n", "损坏情况：{}\n", report.damage);
  tell("  The damaged file is kept as {}\n", "  损坏的文件保留为 {}\n", report.damaged_file);
  tell("  What was not sent is sealed in {}\n", "  未发出的内容封存在 {}\n", report.sealed_file);
  if (report.enrol_again) {
    tell(
        "The keys of this phone cannot be read: ask the township for a new code, then\n"
        "  doorstep init --db {} --server URL --code CODE\n",
        "这部手机的密钥已无法读出：请向乡镇要一个新的登记码，然后运行\n"
        "  doorstep init --db {} --server URL --code CODE\n",
        options.db);
  } else {
    tell(
        "{} is a new file of the same phone. Sync brings the rest back:\n"
        "  doorstep sync --db {}\n",
        "{} 是同一部手机的新文件，同步后补回其余内容：\n  doorstep sync --db {}\n", options.db,
        options.db);
  }
  tell_work(report);
}

int run(const RescueOptions& options) {
  const auto report = rescue_replica(options.db);
  if (!report) return fail(report.error());
  if (options.json) {
    print_json(*report);
  } else {
    print_text(*report, options);
  }
  return 0;
}

}  // namespace

void add_rescue(CLI::App& app, int& status) {
  auto options = std::make_shared<RescueOptions>();
  auto* command = app.add_subcommand(
      "rescue", "A way back from a damaged file, without losing what is unsent / 修复损坏的档案");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "Example:\n"
      "  doorstep rescue --db wang.db\n"
      "Close the app first. The damaged file is kept under another name. Interrupted, run it "
      "again.");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
