#include <chrono>
#include <ostream>
#include <thread>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "engine/session/compare_device.hpp"
#include "engine/wire/comparison_codec.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

constexpr std::int64_t look_ms = 100;

/// An answer and whose it is.
struct Answered {
  const DeviceRecord& device;
  const ComparisonRecord& record;
  const DeviceComparison& found;
  Instant now;
};

std::string cells_json(const DeviceComparison& found) {
  std::string out = "[";
  for (const CellDifference& cell : found.cells) {
    if (out.size() > 1) out += ',';
    JsonLine line;
    line.text("table", cell.table).text("row", text_of_key(cell.row));
    line.text("column", cell.column).text("what", name_of(cell.what));
    line.text("why", name_of(cell.why)).value("hub", cell.hub).value("device", cell.device);
    out += line.done();
  }
  return out + "]";
}

std::string json_of(const Answered& answered) {
  const DeviceComparison& found = answered.found;
  return JsonLine()
      .text("device", answered.device.id.hex())
      .text("name", answered.device.name)
      .boolean("equal", found.is_equal())
      .boolean("waiting", answered.record.waits())
      .text("asked_at", to_rfc3339(answered.record.asked_at))
      .text("answered_at", to_rfc3339(answered.record.answered_at))
      .number("age_ms", answered.now - answered.record.answered_at)
      .number("head", found.head.value)
      .number("cursor", found.cursor.value)
      .number("buckets", found.buckets)
      .number("buckets_compared", found.buckets_compared)
      .number("rows_pending", found.pending)
      .number("left_out", found.left_out)
      .number("unexplained", found.count(CellDifference::Why::unexplained))
      .number("behind", found.count(CellDifference::Why::behind))
      .number("pending", found.count(CellDifference::Why::pending))
      .raw("cells", cells_json(found))
      .done();
}

std::string_view spoken(CellDifference::Why why, bool chinese) {
  switch (why) {
    case CellDifference::Why::unexplained:
      return chinese ? "原因不明" : "NOT EXPLAINED";
    case CellDifference::Why::behind:
      return chinese ? "手机还没有取到" : "not fetched yet";
    case CellDifference::Why::pending:
      return chinese ? "手机上的改动待确认" : "own work, not confirmed";
  }
  return "";
}

// What stands on one side; of a whole row only whether it is there.
std::string side(const CellDifference& cell, bool hub, bool chinese) {
  if (cell.what == CellDifference::What::changed) {
    const Value& value = hub ? cell.hub : cell.device;
    return value.is_null() ? "NULL" : value.display();
  }
  const bool here = hub == (cell.what == CellDifference::What::missing);
  if (here) return chinese ? "（有此行）" : "(the row)";
  return chinese ? "（无）" : "(none)";
}

std::string age_of(std::int64_t ms, bool chinese) {
  const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1000;
  const auto say = [&](std::int64_t count, const char* english, const char* spoken_chinese) {
    return std::to_string(count) + (chinese ? spoken_chinese : english);
  };
  if (seconds < 120) return say(seconds, " seconds ago", " 秒前");
  if (seconds < 7200) return say(seconds / 60, " minutes ago", " 分钟前");
  if (seconds < 172'800) return say(seconds / 3600, " hours ago", " 小时前");
  return say(seconds / 86'400, " days ago", " 天前");
}

void show_rest(const DeviceComparison& found, const Terminal& terminal) {
  const std::uint64_t buckets = found.buckets - found.buckets_compared;
  if (buckets > 0 && terminal.chinese) {
    terminal.out << "另有 " << buckets << " 组数据也不同，没有逐行比较。\n";
  } else if (buckets > 0) {
    terminal.out << buckets << " more buckets of rows differ and were not looked at.\n";
  }
  if (found.left_out > 0 && terminal.chinese) {
    terminal.out << "另有 " << found.left_out << " 处没有列出。\n";
  } else if (found.left_out > 0) {
    terminal.out << found.left_out << " more are not listed.\n";
  }
}

void show(const Answered& answered, const Terminal& terminal) {
  const bool chinese = terminal.chinese;
  const DeviceComparison& found = answered.found;
  std::ostream& out = terminal.out;
  const std::string age = age_of(answered.now - answered.record.answered_at, chinese);
  if (chinese) {
    out << answered.device.name << " 于 " << to_rfc3339(answered.record.answered_at) << " 的回答（"
        << age << "）\n";
  } else {
    out << answered.device.name << " as of " << to_rfc3339(answered.record.answered_at) << " ("
        << age << ")\n";
  }
  if (!found.cells.empty()) {
    TextTable table(
        chinese ? std::vector<std::string>{"表", "行", "列", "服务器", "手机", "原因"}
                : std::vector<std::string>{"TABLE", "ROW", "COLUMN", "HUB", "DEVICE", "WHY"});
    for (const CellDifference& cell : found.cells) {
      table.add({cell.table, text_of_key(cell.row), cell.column.empty() ? "*" : cell.column,
                 side(cell, true, chinese), side(cell, false, chinese),
                 std::string(spoken(cell.why, chinese))});
    }
    out << table.text();
  }
  show_rest(found, terminal);
  if (found.is_equal() && found.cells.empty()) {
    out << (chinese ? "与服务器完全一致。\n" : "It holds what the hub holds.\n");
  } else if (found.is_equal()) {
    out << (chinese ? "不同之处都有原因。\n" : "All of that is explained.\n");
  }
}

Result<ComparisonRecord> ask(HubStore& store, const DeviceRecord& device,
                             const CompareOptions& options) {
  OsRandom random;
  const SystemTime time;
  DS_ASSIGN(ComparisonRecord record,
            ask_comparison(store, device.id, time.now(), random.id<CommitToken>()));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.wait_ms);
  while (record.waits() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
    DS_ASSIGN(const auto snapshot, store.snapshot());
    DS_ASSIGN(const auto now, snapshot->comparison(device.id));
    if (now) record = *now;
  }
  return record;
}

}  // namespace

Status compare(const CompareOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto device, find_device(*snapshot, options.device));
  DS_ASSIGN(const auto known, snapshot->comparison(device.id));
  snapshot.reset();
  ComparisonRecord record = known.value_or(ComparisonRecord{});
  if (!options.last) {
    if (device.revoked) return error(ErrorCode::device_revoked, device.name);
    DS_ASSIGN(record, ask(folder.store(), device, options));
  }
  if (record.answered == 0) return error(ErrorCode::not_answered, device.name);
  DS_ASSIGN(const DeviceComparison found, decode_comparison(record.answer));
  const Answered answered{device, record, found, SystemTime().now()};
  if (options.json) {
    terminal.out << json_of(answered) << '\n';
  } else {
    show(answered, terminal);
    if (record.waits()) {
      terminal.out << (terminal.chinese ? "已再次询问，手机下次连接时回答。\n"
                                        : "It was asked again and answers when it calls next.\n");
    }
  }
  return found.is_equal() ? Status() : Status(error(ErrorCode::rows_differ, device.name));
}

}  // namespace doorstep::commands
