#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct ListOptions {
  std::string db;
  bool json = false;
};

std::string conflict_json(const ConflictInfo& conflict) {
  return JsonLine()
      .text("id", conflict.id.hex())
      .text("table", conflict.table)
      .value("row", conflict.row)
      .text("column", conflict.column)
      .text("policy", conflict.policy)
      .value("winner", conflict.winner)
      .value("loser", conflict.loser)
      .text("winner_author", conflict.winner_author.hex())
      .text("loser_author", conflict.loser_author.hex())
      .text("winner_at", conflict.winner_time)
      .text("loser_at", conflict.loser_time)
      .boolean("order_uncertain", conflict.order_uncertain)
      .text("state", conflict.state)
      .done();
}

void print_conflict(const ConflictInfo& conflict) {
  fmt::print(
      "{}  {}.{}  [{}, {}]\n", conflict.id.hex(), conflict.table,
      conflict.column.empty() ? say("(delete)", "（删除）") : std::string_view(conflict.column),
      conflict.policy, conflict.state);
  fmt::print("  {:<8} {}  {}  {}\n", say("stands", "成立"), conflict.winner.display(),
             conflict.winner_author.hex(), conflict.winner_time);
  fmt::print("  {:<8} {}  {}  {}{}\n", say("lost", "落选"), conflict.loser.display(),
             conflict.loser_author.hex(), conflict.loser_time,
             conflict.order_uncertain ? say("  (order uncertain)", "（先后不能确定）") : "");
}

int run_conflicts(const ListOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto conflicts = (*replica)->conflicts();
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

int run_rejected(const ListOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto rejected = (*replica)->rejected();
  if (!rejected) return fail(rejected.error());
  for (const RejectedInfo& one : *rejected) {
    std::string rows = "[";
    for (const std::string& row : one.rows) rows += (rows.size() > 1 ? "," : "") + json_string(row);
    if (options.json) {
      fmt::print("{}\n", JsonLine()
                             .number("sequence", one.sequence.value)
                             .text("outcome", name_of(one.kind))
                             .text("code", name_of(one.reason.code))
                             .text("reason", one.reason.detail)
                             .number("depends_on", one.depends_on.value)
                             .raw("rows", rows + "]")
                             .done());
      continue;
    }
    fmt::print("{}  {}  {}\n", one.sequence.value, name_of(one.kind), one.reason.text());
    for (const std::string& row : one.rows) fmt::print("  {}\n", row);
  }
  if (rejected->empty() && !options.json)
    fmt::print("{}\n", say("Nothing was rejected.", "没有被退回的内容。"));
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
    fmt::print("{}\n", JsonLine()
                           .boolean("ok", report->ok())
                           .number("rows", report->rows)
                           .raw("problems", problems + "]")
                           .done());
  } else {
    for (const std::string& problem : report->problems) fmt::print("{}\n", problem);
    fmt::print(fmt::runtime(say("{} rows, {} problems\n", "{} 行，{} 个问题\n")), report->rows,
               report->problems.size());
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
  add(app, status, "conflicts", "Values that met another, and which stands / 冲突", run_conflicts);
}
void add_rejected(CLI::App& app, int& status) {
  add(app, status, "rejected", "Work that the hub refused, and why / 被退回的内容", run_rejected);
}
void add_verify(CLI::App& app, int& status) {
  add(app, status, "verify", "Check the file and the digests by reading everything / 检查",
      run_verify);
}

}  // namespace doorstep::cli
