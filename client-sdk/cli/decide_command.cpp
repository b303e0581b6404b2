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

struct DecideOptions {
  std::string db;
  std::string conflict;
  std::string keep;
  std::string value;
  std::string table;
  bool has_value = false;
  bool undo = false;
  bool all = false;
  bool json = false;
};

Error wrong_usage(std::string_view english, std::string_view chinese) {
  return error(ErrorCode::usage, std::string(say(english, chinese)));
}

Result<Choice> choice_of(const DecideOptions& options) {
  if (options.has_value) return Choice(Value::text(options.value));
  if (options.keep == "winner") return Choice(Keep::winner);
  if (options.keep == "loser") return Choice(Keep::loser);
  if (options.keep.empty()) {
    return wrong_usage("say --keep winner, --keep loser, --keep VALUE or --undo",
                       "请写 --keep winner、--keep loser、--keep 某个值 或 --undo");
  }
  return Choice(Value::text(options.keep));
}

Result<ConflictId> id_of(const std::string& text) {
  const auto bytes = from_hex(text);
  const auto id = bytes ? ConflictId::from(*bytes) : std::nullopt;
  if (id) return *id;
  return wrong_usage("CONFLICT is the id that 'doorstep conflicts' shows: 32 hexadecimal digits",
                     "冲突编号是 doorstep conflicts 列出的 32 位十六进制数");
}

Result<std::uint64_t> decide(Replica& replica, const DecideOptions& options) {
  if (options.all) {
    if (options.keep != "winner" && options.keep != "loser") {
      return wrong_usage("--all goes with --keep winner or --keep loser",
                         "--all 只能与 --keep winner 或 --keep loser 同用");
    }
    ConflictFilter filter;
    filter.table = options.table;
    return replica.decide_all(filter, options.keep == "winner" ? Keep::winner : Keep::loser);
  }
  DS_ASSIGN(const ConflictId id, id_of(options.conflict));
  if (options.undo) {
    DS_TRY(replica.undo(id));
    return std::uint64_t{1};
  }
  DS_ASSIGN(const Choice choice, choice_of(options));
  DS_TRY(replica.decide(id, choice));
  return std::uint64_t{1};
}

int run_decide(const DecideOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto count = decide(**replica, options);
  if (!count) return fail(count.error());
  if (options.json) {
    fmt::print("{}\n", JsonLine().number(options.undo ? "undone" : "decided", *count).done());
  } else if (options.undo) {
    fmt::print("{}\n", say("The decision is taken back; sync to tell the others.",
                           "已撤销裁决；同步后其他人会看到。"));
  } else {
    fmt::print(fmt::runtime(say("{} decided; sync to tell the others.\n",
                                "已裁决 {} 项；同步后其他人会看到。\n")),
               *count);
  }
  return 0;
}

struct ExplainOptions {
  std::string db;
  std::string table;
  std::string row;
  std::string column;
  bool json = false;
};

/// A uuid as people copy it, else the text key itself.
Value key_in(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits += c;
  }
  const auto bytes = from_hex(digits);
  return bytes && bytes->size() == 16 ? Value::blob(*bytes) : Value::text(text);
}

int run_explain(const ExplainOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  const auto status = (*replica)->status();
  if (!status) return fail(status.error());
  const auto found = (*replica)->explain(options.table, key_in(options.row), options.column);
  if (!found) return fail(found.error());
  if (options.json) {
    fmt::print("{}\n", explanation_json(*found));
  } else {
    print_explanation(*found, *status);
  }
  return 0;
}

}  // namespace

void add_decide(CLI::App& app, int& status) {
  auto options = std::make_shared<DecideOptions>();
  auto* command = app.add_subcommand("decide", "Settle a conflict, or take it back / 裁决冲突");
  command->add_option("--db", options->db, "The replica")->required();
  auto* conflict = command->add_option("conflict", options->conflict, "Its id");
  auto* keep = command->add_option("--keep", options->keep, "winner, loser, or a third value")
                   ->type_name("winner|loser|VALUE");
  auto* value =
      command->add_option("--value", options->value, "A third value, also one named 'winner'")
          ->excludes(keep);
  auto* undo = command->add_flag("--undo", options->undo, "Take the decision back")
                   ->excludes(keep)
                   ->excludes(value)
                   ->needs(conflict);
  command->add_flag("--all", options->all, "All open conflicts, in one transaction")
      ->excludes(conflict)
      ->excludes(undo)
      ->excludes(value);
  command->add_option("--table", options->table, "With --all: only of this table");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "The decision is shown here at once and reaches the others with the next syncs.\n"
      "Examples:\n"
      "  doorstep conflicts --db wang.db --state open\n"
      "  doorstep decide --db wang.db 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --keep loser\n"
      "  doorstep decide --db wang.db 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --keep 13800000001\n"
      "  doorstep decide --db wang.db 3f0c6f0e5d1b4a7f9c2d8e7a6b5c4d3e --undo\n"
      "  doorstep decide --db wang.db --all --keep winner --table resident");
  command->callback([options, value, &status] {
    options->has_value = value->count() > 0;
    status = run_decide(*options);
  });
}

void add_explain(CLI::App& app, int& status) {
  auto options = std::make_shared<ExplainOptions>();
  auto* command = app.add_subcommand("explain", "Why a cell shows what it shows / 为什么是这个值");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("table", options->table, "The table")->required();
  command->add_option("row", options->row, "The row's id")->required();
  command->add_option("column", options->column, "The column")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "The hub knows more: doorstepd explain.\n"
      "Example:\n"
      "  doorstep explain --db wang.db resident 018f3a6e-0000-7000-8000-000000000001 phone");
  command->callback([options, &status] { status = run_explain(*options); });
}

}  // namespace doorstep::cli
