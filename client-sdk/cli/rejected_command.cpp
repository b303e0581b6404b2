#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/bindings.hpp"
#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/change_name.hpp"
#include "engine/core/json_line.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep::cli {
namespace {

struct RejectedOptions {
  std::string db;
  std::string action = "list";
  std::uint64_t sequence = 0;
  bool all = false;
  std::vector<std::string> sets;
  std::string sql;
  bool json = false;
};

template <class List, class Write>
std::string json_list(const List& list, const Write& write) {
  std::string out = "[";
  for (const auto& item : list) {
    if (out.size() > 1) out += ',';
    out += write(item);
  }
  return out + "]";
}

JsonLine json_of(const RejectedInfo& info) {
  JsonLine line;
  line.number("sequence", info.sequence.value)
      .text("outcome", name_of(info.kind))
      .text("code", name_of(info.reason.code))
      .text("reason", info.reason.detail)
      .number("depends_on", info.depends_on.value)
      .raw("rows", json_list(info.rows, [](const std::string& row) { return json_string(row); }));
  if (info.broken) {
    JsonLine values;
    for (const auto& [name, value] : info.broken->values) values.value(name, value);
    line.text("table", info.broken->table)
        .text("rule", info.broken->rule)
        .text("message", info.broken->message)
        .raw("values", values.done());
  } else {
    line.null("rule").text("message", info.reason.text());
  }
  line.text("at", to_rfc3339(info.at)).text("state", name_of(info.state));
  return line;
}

std::string json_of(const RejectedRow& row) {
  return JsonLine()
      .text("kind", name_of(row.kind))
      .text("table", row.table)
      .value("row", row.key)
      .boolean("here", row.here)
      .raw("columns", json_list(row.columns,
                                [](const RejectedRow::Column& column) {
                                  return JsonLine()
                                      .text("column", column.name)
                                      .value("now", column.now)
                                      .value("wanted", column.wanted)
                                      .done();
                                }))
      .done();
}

std::string number_text(Sequence sequence) { return std::to_string(sequence.value); }

void print_info(const RejectedInfo& info) {
  fmt::print("{}  {}  {}\n", info.sequence.value, name_of(info.kind), info.reason.text());
  if (!info.broken) return;
  fmt::print("  {} {}.{}: {}\n", say("rule", "规则"), info.broken->table, info.broken->rule,
             info.broken->message);
  for (const auto& [name, value] : info.broken->values) {
    fmt::print("    {} = {}\n", name, value.display());
  }
}

void print_detail(const RejectedDetail& detail) {
  print_info(detail.info);
  if (detail.info.state != RejectedInfo::State::waiting) {
    fmt::print("  {}{}\n", name_of(detail.info.state),
               detail.info.resent_as.value != 0 ? " -> " + number_text(detail.info.resent_as) : "");
  }
  for (const RejectedRow& row : detail.rows) {
    fmt::print("  {} {} {}{}\n", name_of(row.kind), row.table, key_text(row.key),
               row.here ? "" : say("  (not here now)", "（现在没有这一行）"));
    for (const RejectedRow::Column& column : row.columns) {
      fmt::print("    {}: {} -> {}\n", column.name, column.now.display(), column.wanted.display());
    }
  }
  if (detail.group.size() > 1) {
    std::string all;
    for (const Sequence one : detail.group) all += " " + number_text(one);
    fmt::print("  {}:{}\n", say("sent again together", "一起重发"), all);
  }
}

Result<int> list(Replica& replica, const RejectedOptions& options) {
  DS_ASSIGN(const auto rejected, replica.rejected());
  for (const RejectedInfo& info : rejected) {
    if (options.json) {
      fmt::print("{}\n", json_of(info).done());
      continue;
    }
    print_info(info);
    for (const std::string& row : info.rows) fmt::print("  {}\n", row);
  }
  if (rejected.empty() && !options.json) {
    fmt::print("{}\n", say("Nothing was rejected.", "没有被退回的内容。"));
  }
  return 0;
}

Result<int> show(Replica& replica, const RejectedOptions& options) {
  DS_ASSIGN(const auto detail, replica.rejected_detail(Sequence{options.sequence}));
  if (!options.json) {
    print_detail(detail);
    return 0;
  }
  JsonLine line = json_of(detail.info);
  line.number("resent_as", detail.info.resent_as.value)
      .raw("group", json_list(detail.group, number_text))
      .raw("changes", json_list(detail.rows, [](const RejectedRow& row) { return json_of(row); }));
  fmt::print("{}\n", line.done());
  return 0;
}

std::string without_dashes(std::string_view id) {
  std::string out;
  for (const char c : id) {
    if (c != '-') out += c;
  }
  return out;
}

/// "column", where one row of the transaction wrote it, or "table:id:column".
Result<std::pair<const RejectedRow*, std::string>> place_of(const RejectedDetail& detail,
                                                            const std::string& words) {
  const auto last = words.rfind(':');
  const auto first = words.find(':');
  std::vector<const RejectedRow*> found;
  const std::string column = last == std::string::npos ? words : words.substr(last + 1);
  for (const RejectedRow& row : detail.rows) {
    if (row.kind == RowChange::Kind::remove) continue;
    const bool wrote = std::any_of(row.columns.begin(), row.columns.end(),
                                   [&](const auto& one) { return one.name == column; });
    const bool named = first != last && words.substr(0, first) == row.table &&
                       without_dashes(words.substr(first + 1, last - first - 1)) ==
                           without_dashes(key_text(row.key));
    if (first == std::string::npos ? wrote : named) found.push_back(&row);
  }
  if (found.size() == 1) return std::pair(found.front(), column);
  return error(ErrorCode::usage,
               "--set " + words + ": " + std::to_string(found.size()) +
                   " rows of this transaction fit; write --set table:id:column=value for one");
}

/// UPDATE statements from --set, then --sql.
Result<std::string> corrections(const RejectedDetail& detail, const RejectedOptions& options,
                                Bindings& bindings) {
  std::string sql;
  for (const std::string& text : options.sets) {
    DS_ASSIGN(Binding binding, parse_binding(text, "--set"));
    DS_ASSIGN(const auto place, place_of(detail, binding.name));
    const std::string number = std::to_string(bindings.size());
    sql += "UPDATE " + sqlite::quote_identifier(place.first->table) + " SET " +
           sqlite::quote_identifier(place.second) + " = :value" + number + " WHERE " +
           sqlite::quote_identifier(place.first->key_column) + " = :row" + number + ";\n";
    bindings.push_back({"value" + number, std::move(binding.value)});
    bindings.push_back({"row" + number, place.first->key});
  }
  return sql + options.sql;
}

Result<int> retry(Replica& replica, const RejectedOptions& options) {
  const Sequence sequence{options.sequence};
  DS_ASSIGN(const auto detail, replica.rejected_detail(sequence));
  Bindings bindings;
  DS_ASSIGN(const std::string sql, corrections(detail, options, bindings));
  DS_ASSIGN(const auto report, replica.retry(sequence, sql, bindings));
  if (options.json) {
    JsonLine line;
    line.raw("resent", json_list(report.resent, [](const RetryReport::Resent& one) {
               return JsonLine().number("was", one.was.value).number("now", one.now.value).done();
             }));
    line.number("stopped_at", report.stopped_at.value);
    if (report.stopped) line.text("stopped", report.stopped->text());
    fmt::print("{}\n", line.done());
  } else {
    for (const auto& one : report.resent) {
      if (one.now.value != 0) {
        fmt::print("{} -> {}\n", one.was.value, one.now.value);
      } else {
        fmt::print("{}  {}\n", one.was.value, say("nothing left to change", "已无须改动"));
      }
    }
  }
  if (report.stopped) return fail(*report.stopped);
  if (!options.json) fmt::print("{}\n", say("Sync to send it.", "同步后发出。"));
  return 0;
}

Result<int> discard(Replica& replica, const RejectedOptions& options) {
  DS_TRY(replica.discard(Sequence{options.sequence}));
  if (!options.json) fmt::print("{}\n", say("Given up.", "已放弃。"));
  return 0;
}

/// Everything that waits, oldest first. One that cannot be settled stays and is said; the rest go
/// on.
Result<int> settle_all(Replica& replica, const RejectedOptions& options) {
  DS_ASSIGN(auto waiting, replica.rejected());
  std::sort(waiting.begin(), waiting.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  int status = 0;
  for (const RejectedInfo& info : waiting) {
    DS_ASSIGN(const auto detail, replica.rejected_detail(info.sequence));
    if (detail.info.state != RejectedInfo::State::waiting) continue;  // went with another's group
    RejectedOptions one = options;
    one.sequence = info.sequence.value;
    const auto done = options.action == "retry" ? retry(replica, one) : discard(replica, one);
    status = std::max(status, done ? *done : fail(done.error()));
  }
  if (waiting.empty() && !options.json) {
    fmt::print("{}\n", say("Nothing was rejected.", "没有被退回的内容。"));
  }
  return status;
}

Status check_usage(const RejectedOptions& options) {
  if (options.action == "list") return {};
  if (options.all == (options.sequence != 0)) {
    return error(ErrorCode::usage, "rejected " + options.action + " needs a number" +
                                       (options.action == "show" ? "" : ", or --all"));
  }
  if (options.all && (options.action == "show" || !options.sets.empty() || !options.sql.empty())) {
    return error(ErrorCode::usage, "--all is for retry and discard, without corrections");
  }
  return {};
}

Result<int> run(const RejectedOptions& options) {
  DS_TRY(check_usage(options));
  ReplicaSeams seams;
  seams.clock = &device_clock();
  DS_ASSIGN(const auto replica, open_replica(options.db, {}, seams));
  if (options.action == "show") return show(*replica, options);
  if (options.all) return settle_all(*replica, options);
  if (options.action == "retry") return retry(*replica, options);
  if (options.action == "discard") return discard(*replica, options);
  return list(*replica, options);
}

}  // namespace

void add_rejected(CLI::App& app, int& status) {
  auto options = std::make_shared<RejectedOptions>();
  auto* command = app.add_subcommand(
      "rejected", "Work that the hub refused: list, show, correct, resend, give up / 被退回的内容");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("action", options->action, "list, show, retry or discard")
      ->check(CLI::IsMember({"list", "show", "retry", "discard"}));
  command->add_option("sequence", options->sequence, "Its number in the list");
  command->add_flag("--all", options->all, "retry, discard: everything that waits, oldest first");
  command->add_option("--set", options->sets,
                      "retry: column=text or column:=JSON, where one row has it; else "
                      "table:id:column=text (repeat as needed)");
  command->add_option("--sql", options->sql,
                      "retry: SQL that corrects it, run in the same transaction");
  command->add_flag("--json", options->json, "JSON lines");
  command->footer(
      "Examples:\n"
      "  doorstep rejected --db wang.db\n"
      "  doorstep rejected show 12 --db wang.db\n"
      "  doorstep rejected retry 12 --set amount_fen:=-30000 --db wang.db\n"
      "  doorstep rejected retry --all --db wang.db\n"
      "  doorstep rejected discard 12 --db wang.db");
  command->callback([options, &status] {
    const auto done = run(*options);
    status = done ? *done : fail(done.error());
  });
}

}  // namespace doorstep::cli
