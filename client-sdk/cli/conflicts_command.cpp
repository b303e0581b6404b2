#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/conflict_text.hpp"
#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct ListOptions {
  std::string db;
  bool json = false;
};

struct ConflictOptions {
  std::string db;
  ConflictFilter filter;
  bool json = false;
};

int run_conflicts(const ConflictOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto conflicts = (*replica)->conflicts(options.filter);
  if (!conflicts) return fail(conflicts.error());
  for (const ConflictInfo& conflict : *conflicts) {
    if (options.json) {
      fmt::print("{}\n", conflict_json(conflict));
    } else {
      print_conflict(conflict);
    }
  }
  if (conflicts->empty() && !options.json) fmt::print("{}\n", say("No conflicts.", "没有冲突。"));
  return 0;
}

int run_verify(const ListOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto report = (*replica)->verify();
  if (!report) return fail(report.error());
  if (options.json) {
    std::string problems = "[";
    for (const std::string& problem : report->problems) {
      problems += (problems.size() > 1 ? "," : "") + json_string(problem);
    }
    JsonLine line;
    line.boolean("ok", report->ok()).number("rows", report->rows).raw("problems", problems + "]");
    line.boolean("rows_differ", report->rows_differ).number("healed_rows", report->healed_rows);
    line.time("healed_at", report->healed_at);
    fmt::print("{}\n", line.done());
  } else {
    for (const std::string& problem : report->problems) fmt::print("{}\n", problem);
    fmt::print(fmt::runtime(say("{} rows, {} problems\n", "{} 行，{} 个问题\n")), report->rows,
               report->problems.size());
    if (report->healed_at) {
      fmt::print(fmt::runtime(say("{} rows were healed so far, the last {}\n",
                                  "累计修复 {} 行，最近一次 {}\n")),
                 report->healed_rows, to_rfc3339(*report->healed_at));
    }
    if (report->rows_differ) {
      fmt::print("{}\n", say("'doorstep sync --verify' heals the rows that differ.",
                             "运行 doorstep sync --verify 可修复不同的数据。"));
    }
  }
  return report->ok() ? 0 : 1;
}

void add(CLI::App& app, int& status, const char* name, const char* what,
         int (*run)(const ListOptions&)) {
  auto options = std::make_shared<ListOptions>();
  auto* command = app.add_subcommand(name, what);
  command->add_option("--db", options->db, "The replica")->required();
  command->add_flag("--json", options->json, "JSON lines");
  command->footer(fmt::format("Example:\n  doorstep {} --db wang.db", name));
  command->callback([options, run, &status] { status = run(*options); });
}

}  // namespace

void add_conflicts(CLI::App& app, int& status) {
  auto options = std::make_shared<ConflictOptions>();
  auto* command =
      app.add_subcommand("conflicts", "Values that met another, and which stands / 冲突");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("--state", options->filter.state, "Only these: auto, open or decided")
      ->check(CLI::IsMember({"auto", "open", "decided"}));
  command->add_option("--table", options->filter.table, "Only of this table");
  command->add_option("--column", options->filter.column, "Only of this column");
  command->add_option("--limit", options->filter.limit, "At most so many, the newest first");
  command->add_flag("--json", options->json, "JSON lines");
  command->footer(
      "Examples:\n"
      "  doorstep conflicts --db wang.db\n"
      "  doorstep conflicts --db wang.db --state open --table resident --limit 50");
  command->callback([options, &status] { status = run_conflicts(*options); });
}
void add_verify(CLI::App& app, int& status) {
  add(app, status, "verify", "Check the file and the digests by reading everything / 检查",
      run_verify);
}

}  // namespace doorstep::cli
