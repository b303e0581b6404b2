#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/bindings.hpp"
#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/cli/traffic_text.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/size_text.hpp"
#include "engine/core/value_text.hpp"

namespace doorstep::cli {
namespace {

struct StatusOptions {
  std::string db;
  bool records = false;
  bool json = false;
};

std::string scopes_json(const ReplicaStatus& status) {
  std::string out = "[";
  for (const ScopeStatus& scope : status.scopes) {
    if (out.size() > 1) out += ',';
    out += JsonLine().text("scope", scope.scope.code).text("digest", scope.digest.hex()).done();
  }
  return out + "]";
}

std::string texts_json(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += json_string(text);
  }
  return out + "]";
}

std::string departed_json(const std::vector<DepartedInfo>& departed) {
  std::string out = "[";
  for (const DepartedInfo& one : departed) {
    if (out.size() > 1) out += ',';
    JsonLine line;
    line.text("table", one.table).text("row", key_text(one.row)).text("from", one.from.code);
    line.text("to", one.to.code).number("position", one.position.value).text("time", one.time);
    out += line.text("why", one.why).number("rows", one.rows).done();
  }
  return out + "]";
}

std::string healed_rows_json(const std::vector<RowDifference>& rows) {
  std::string out = "[";
  for (const RowDifference& one : rows) {
    if (out.size() > 1) out += ',';
    out += JsonLine()
               .text("row", text_of_key(one.row))
               .text("what", name_of(one.kind))
               .raw("columns", texts_json(one.columns))
               .done();
  }
  return out + "]";
}

std::string healed_json(const std::vector<TableDifference>& tables) {
  std::string out = "[";
  for (const TableDifference& one : tables) {
    if (out.size() > 1) out += ',';
    out += JsonLine()
               .text("table", one.table)
               .number("missing", one.missing)
               .number("surplus", one.surplus)
               .number("changed", one.changed)
               .raw("rows", healed_rows_json(one.rows))
               .done();
  }
  return out + "]";
}

void print_json(const ReplicaStatus& status, const std::vector<DepartedInfo>& departed) {
  JsonLine line;
  std::vector<std::string> earlier;
  for (const DeviceId& one : status.earlier_devices) earlier.push_back(one.hex());
  line.text("device", status.device.hex())
      .raw("earlier_devices", texts_json(earlier))
      .text("device_name", status.device_name)
      .text("hub", status.hub.hex())
      .text("hub_name", status.hub_name)
      .number("epoch", status.epoch)
      .number("pending", status.pending)
      .boolean("up_to_date", status.up_to_date)
      .raw("reasons", texts_json(status.reasons));
  line.time("last_sync_at", status.last_sync_at);
  line.number("cursor", status.cursor.value)
      .raw("scopes", scopes_json(status))
      .number("conflicts_open", status.conflicts_open)
      .number("rejected", status.rejected);
  if (status.clock_offset_ms) {
    line.number("clock_offset_ms", *status.clock_offset_ms);
  } else {
    line.null("clock_offset_ms");
  }
  if (status.free_bytes) {
    line.number("free_bytes", *status.free_bytes);
  } else {
    line.null("free_bytes");
  }
  line.time("reconciled_at", status.reconciled_at);
  line.raw("healed", healed_json(status.healed)).number("healed_rows", status.healed_rows);
  line.time("healed_at", status.healed_at);
  if (status.hub_loss) {
    line.raw("hub_loss", JsonLine()
                             .text("at", to_rfc3339(status.hub_loss->at))
                             .boolean("reset", status.hub_loss->reset)
                             .number("offered_again", status.hub_loss->unsent)
                             .number("waiting", status.hub_loss->waiting)
                             .done());
  } else {
    line.null("hub_loss");
  }
  line.number("schema_version", std::uint64_t{status.schema_version});
  if (status.newer_schema) {
    line.number("newer_schema", std::uint64_t{*status.newer_schema});
  } else {
    line.null("newer_schema");
  }
  line.number("columns_to_fill", status.columns_to_fill);
  line.raw("traffic", JsonLine()
                          .raw("today", traffic_json(status.traffic_today))
                          .raw("ever", traffic_json(status.traffic))
                          .done());
  line.raw("departed", departed_json(departed));
  line.raw("warnings", texts_json(status.warnings));
  fmt::print("{}\n", line.done());
}

void print_departed(const std::vector<DepartedInfo>& departed) {
  constexpr std::size_t shown_most = 10;
  for (std::size_t i = 0; i < departed.size() && i < shown_most; ++i) {
    const DepartedInfo& one = departed[i];
    const std::string what =
        one.table.empty()
            ? fmt::format(fmt::runtime(say("scope {}: {} rows, no longer granted",
                                           "范围 {}：{} 行，已不在授权内")),
                          one.from.code, one.rows)
            : fmt::format(fmt::runtime(say("{} {} moved from {} to {}", "{} {} 由 {} 迁往 {}")),
                          one.table, key_text(one.row), one.from.code, one.to.code);
    fmt::print("{:<16}{} {}\n", say("departed", "已迁出"), one.time, what);
  }
  if (departed.size() > shown_most) {
    fmt::print(
        "{:<16}{}\n", say("departed", "已迁出"),
        fmt::format(fmt::runtime(say("and {} more in ds_departed", "另有 {} 条见 ds_departed")),
                    departed.size() - shown_most));
  }
}

std::string loss_in_words(const ReplicaStatus::HubLoss& loss) {
  const std::string at = to_rfc3339(loss.at);
  return loss.reset
             ? fmt::format(
                   fmt::runtime(say("the township began anew; {} of yours wait for you ({})",
                                    "乡镇已重新开始；您有 {} 次改动等您处理（{}）")),
                   loss.waiting, at)
             : fmt::format(fmt::runtime(say("its hub was restored; {} transactions were offered "
                                            "again ({})",
                                            "乡镇服务器已由备份恢复；重新上报 {} 次改动（{}）")),
                           loss.unsent, at);
}

void print_table(const ReplicaStatus& status) {
  const auto row = [](std::string_view name, const std::string& value) {
    fmt::print("{:<16}{}\n", name, value);
  };
  row(say("device", "本机"), fmt::format("{} ({})", status.device_name, status.device.hex()));
  row(say("hub", "乡镇"), fmt::format("{} {}", status.hub_name, status.hub_url));
  row(say("pending", "待发"), fmt::format("{}", status.pending));
  std::string state(status.up_to_date ? say("yes", "是") : say("no", "否"));
  for (const std::string& reason : status.reasons) state += "; " + reason;
  row(say("up to date", "已是最新"), state);
  row(say("last sync", "上次同步"),
      status.last_sync_at ? to_rfc3339(*status.last_sync_at) : std::string(say("never", "从未")));
  row(say("open conflicts", "待裁决"), fmt::format("{}", status.conflicts_open));
  row(say("rejected", "被退回"), fmt::format("{}", status.rejected));
  if (status.clock_offset_ms) {
    row(say("clock", "时钟"),
        fmt::format(fmt::runtime(say("{} ms off the hub's", "与服务器相差 {} 毫秒")),
                    *status.clock_offset_ms));
  }
  if (status.free_bytes) row(say("free space", "剩余空间"), size_text(*status.free_bytes));
  std::string schema = fmt::format("{}", status.schema_version);
  if (status.newer_schema) {
    schema += fmt::format(fmt::runtime(say("; the hub has {}: doorstep schema upgrade",
                                           "；乡镇已有版本 {}：doorstep schema upgrade")),
                          *status.newer_schema);
  }
  row(say("schema", "表结构"), schema);
  for (const ScopeStatus& scope : status.scopes)
    row(say("scope", "范围"), scope.scope.code + " " + scope.digest.hex());
  for (const TableDifference& one : status.healed) {
    row(say("healed", "已修复"),
        fmt::format(fmt::runtime(say("{}: {} missing, {} surplus, {} changed ({})",
                                     "{}：缺 {} 行，多 {} 行，改 {} 行（{}）")),
                    one.table, one.missing, one.surplus, one.changed,
                    to_rfc3339(status.reconciled_at.value_or(Instant{}))));
  }
  if (status.healed_at) {
    row(say("healed so far", "累计修复"),
        fmt::format(fmt::runtime(say("{} rows, the last {}", "{} 行，最近一次 {}")),
                    status.healed_rows, to_rfc3339(*status.healed_at)));
  }
  if (status.hub_loss) row(say("hub lost", "乡镇丢失"), loss_in_words(*status.hub_loss));
  fmt::print("{}", traffic_table(status.traffic_today, status.traffic));
  for (const std::string& warning : status.warnings) row(say("warning", "注意"), warning);
}

std::string_view spoken(Receipt::State state) {
  switch (state) {
    case Receipt::State::on_this_phone:
      return say("on this phone", "在本机");
    case Receipt::State::at_township:
      return say("at the township", "已到乡镇");
    case Receipt::State::needs_attention:
      return say("needs attention", "需要处理");
    case Receipt::State::discarded:
      return say("given up", "已放弃");
  }
  return "";
}

void print_record_json(const RecordReceipt& record) {
  JsonLine line;
  line.text("table", record.table)
      .value("row", record.key)
      .text("state", name_of(record.receipt.state))
      .number("transaction", record.receipt.transaction.value)
      .number("position", record.receipt.position.value);
  line.time("at", record.receipt.at);
  fmt::print("{}\n", line.text("why", record.receipt.why).done());
}

int run_records(Replica& replica, bool json) {
  const auto receipts = replica.receipts();
  if (!receipts) return fail(receipts.error());
  for (const RecordReceipt& record : receipts->records) {
    if (json) {
      print_record_json(record);
    } else {
      fmt::print("{:<18}{} {}  {}\n", spoken(record.receipt.state), record.table,
                 record.key.display(), record.receipt.why);
    }
  }
  if (json) {
    fmt::print("{}\n", JsonLine()
                           .boolean("done", true)
                           .number("on_this_phone", receipts->on_this_phone)
                           .number("needs_attention", receipts->needs_attention)
                           .number("at_township", receipts->at_township)
                           .done());
  } else {
    fmt::print(
        fmt::runtime(say("{} on this phone, {} need attention, {} at the township and not "
                         "confirmed yet; all others are at the township\n",
                         "{} 条在本机，{} 条需要处理，{} 条已到乡镇待确认；其余都已到乡镇\n")),
        receipts->on_this_phone, receipts->needs_attention, receipts->at_township);
  }
  return 0;
}

int run(const StatusOptions& options) {
  const auto replica = Replica::open(options.db);
  if (!replica) return fail(replica.error());
  if (options.records) return run_records(**replica, options.json);
  const auto status = (*replica)->status();
  if (!status) return fail(status.error());
  const auto departed = (*replica)->departed();
  if (!departed) return fail(departed.error());
  if (options.json) {
    print_json(*status, *departed);
  } else {
    print_table(*status);
    print_departed(*departed);
  }
  return 0;
}

}  // namespace

void add_status(CLI::App& app, int& status) {
  auto options = std::make_shared<StatusOptions>();
  auto* command =
      app.add_subcommand("status", "What is pending, and whether this is up to date / 状态");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_flag("--records", options->records,
                    "Each record that is not at the township yet or needs attention");
  command->add_flag("--json", options->json, "One JSON object; with --records JSON lines");
  command->footer(
      "Examples:\n"
      "  doorstep status --db wang.db\n"
      "  doorstep status --db wang.db --records");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
