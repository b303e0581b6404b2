#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_exchange.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/store/sqlite_hub_backup.hpp"

namespace doorstep::commands {
namespace {

constexpr std::uint64_t hundred = 100;

/// Only then may phones let go of what they keep.
Status tell_devices(HubStore& store, Position head) {
  OsRandom random;
  DS_ASSIGN(const auto commit, store.begin());
  DS_TRY(commit->epochs().put_backed_up(head));
  return commit->commit(SystemTime().now(), random.id<CommitToken>());
}

std::string json_of(const HubExchange& done) {
  return JsonLine()
      .number("epoch", done.epoch)
      .number("position", done.head.value)
      .text("put_away", done.put_away.string())
      .done();
}

void say_put_away(const HubExchange& done, const Terminal& terminal) {
  if (done.put_away.empty()) return;
  terminal.out << (terminal.chinese ? "原来的数据库保存为 " : "The database that was here is now ")
               << done.put_away.string() << (terminal.chinese ? "。\n" : ".\n");
}

}  // namespace

Status backup(const BackupOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  BackupProgress progress;
  if (terminal.colours && !options.json) {
    progress = [&terminal](std::uint64_t done, std::uint64_t total) {
      terminal.out << '\r' << (total == 0 ? hundred : done * hundred / total) << " %" << std::flush;
    };
  }
  DS_ASSIGN(const HubBackup done, back_up(folder.database_file(), options.file, progress));
  if (progress) terminal.out << '\r';
  DS_TRY(tell_devices(folder.store(), done.head));
  if (options.json) {
    terminal.out << JsonLine()
                        .text("file", options.file)
                        .number("position", done.head.value)
                        .number("bytes", done.bytes)
                        .done()
                 << '\n';
  } else if (terminal.chinese) {
    terminal.out << "已备份到 " << options.file << "：位置 " << done.head.number() << "，"
                 << done.bytes << " 字节。请把它保存到另一台机器上。\n";
  } else {
    terminal.out << "Backed up to " << options.file << ": position " << done.head.number() << ", "
                 << done.bytes << " bytes. Keep it on another machine.\n";
  }
  return {};
}

Status restore(const RestoreOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto lock, ServeLock::take(options.data));
  OsRandom random;
  DS_ASSIGN(const HubExchange done,
            restore_hub(options.data, options.file, SystemTime().now(), random));
  if (options.json) {
    terminal.out << json_of(done) << '\n';
    return {};
  }
  say_put_away(done, terminal);
  if (terminal.chinese) {
    terminal.out << "已恢复；从纪元 " << done.epoch
                 << " 继续。手机下次同步时会再次送来缺少的内容。\n"
                 << "请启动 doorstepd serve；之后用 doorstepd restored 查看还缺什么。\n";
  } else {
    terminal.out << "Restored; the hub goes on in epoch " << done.epoch
                 << ". With its next sync every phone offers again what is lacking here.\n"
                 << "Next: doorstepd serve --data " << options.data
                 << "; later 'doorstepd restored' lists what still lacks.\n";
  }
  return {};
}

Status reset(const ResetOptions& options, const Terminal& terminal) {
  if (!options.yes) {
    return error(ErrorCode::usage,
                 "reset takes all rows out of this hub; say --yes when that is what you want");
  }
  DS_ASSIGN(const auto lock, ServeLock::take(options.data));
  OsRandom random;
  DS_ASSIGN(const HubExchange done, reset_hub(options.data, SystemTime().now(), random));
  if (options.json) {
    terminal.out << json_of(done) << '\n';
    return {};
  }
  say_put_away(done, terminal);
  if (terminal.chinese) {
    terminal.out << "已清空；从纪元 " << done.epoch
                 << " 重新开始。手机上未发送的内容会留在手机上等人处理。\n";
  } else {
    terminal.out << "Begun anew in epoch " << done.epoch
                 << " without rows. What phones had not sent stays there and waits for a person.\n";
  }
  return {};
}

}  // namespace doorstep::commands
