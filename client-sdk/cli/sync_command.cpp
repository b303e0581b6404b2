#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <doorstep/sync.hpp>
#include <memory>
#include <thread>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/progress_bar.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/cli/traffic_text.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/size_text.hpp"

namespace doorstep::cli {
namespace {

struct SyncArguments {
  std::string db;
  std::string server;
  bool live = false;
  bool json = false;
  bool normal = false;
  bool verify = false;
  std::uint32_t attempts = 3;
  std::string max_bytes;
};

/// Turns SIGINT and SIGTERM into Sync::stop(): the session ends between two steps, so
/// everything that was durable stays and the next sync goes on from there.
class StopOnSignal {
 public:
  explicit StopOnSignal(Sync& sync) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::jthread([this, &sync](const std::stop_token& done) {
      const timespec slice{0, 50'000'000};
      while (!done.stop_requested()) {
        if (sigtimedwait(&signals_, nullptr, &slice) > 0) sync.stop();
      }
    });
  }

 private:
  sigset_t signals_{};
  std::jthread thread_;
};

void add_estimate(JsonLine& line, std::string_view key, std::optional<std::uint64_t> value) {
  if (value) {
    line.number(key, *value);
  } else {
    line.null(key);
  }
}

std::string report_line(std::string_view first_key, bool well, const SyncReport& report) {
  JsonLine line;
  line.boolean(first_key, well)
      .number("pushed", report.pushed)
      .number("pulled", report.pulled)
      .number("bytes_sent", report.bytes_sent)
      .number("bytes_received", report.bytes_received)
      .raw("traffic", traffic_json(report.traffic))
      .number("rows_written", report.rows_written)
      .number("rows_removed", report.rows_removed)
      .number("conflicts", report.conflicts)
      .number("rejected", report.rejected)
      .number("forks", std::uint64_t{report.forks})
      .number("set_aside", report.set_aside)
      .boolean("hub_restored", report.hub_restored)
      .boolean("hub_reset", report.hub_reset)
      .number("offered_again", report.offered_again)
      .number("left_waiting", report.left_waiting)
      .number("reconciles", report.reconciles)
      .number("healed", report.healed)
      .number("connections", std::uint64_t{report.connections})
      .boolean("budget_used", report.budget_used);
  if (report.budget_used) {
    line.number("transactions_waiting", report.transactions_waiting);
    add_estimate(line, "rows_waiting", report.rows_waiting);
  }
  return line.boolean("up_to_date", report.up_to_date).done();
}

std::string progress_json(const SyncProgress& progress) {
  JsonLine line;
  line.boolean("progress", true)
      .number("pushed", progress.pushed)
      .number("push_total", progress.push_total)
      .number("pulled", progress.pulled)
      .number("pull_total", progress.pull_total)
      .number("pulled_before", progress.pulled_before)
      .number("percent", std::uint64_t{progress.percent})
      .number("bytes", progress.bytes);
  add_estimate(line, "bytes_left", progress.bytes_left);
  add_estimate(line, "seconds_left", progress.seconds_left);
  return line.done();
}

void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

SyncObserver observer_for(const SyncArguments& arguments, ProgressBar& bar) {
  SyncObserver observer;
  observer.progress = [&](const SyncProgress& progress) {
    bar.show(progress);
    if (arguments.json) {
      print_line(progress_json(progress));
    }
  };
  observer.retry = [&](const Error& failure, std::int64_t retry_ms) {
    bar.clear();
    fmt::print(stderr, "doorstep: {}; {}\n",
               failure.detail.empty() ? message_of(failure.code) : failure.detail,
               fmt::format(fmt::runtime(say("trying again in {:.1f} s", "{:.1f} 秒后再试")),
                           static_cast<double>(retry_ms) / 1000.0));
  };
  if (!arguments.live) return observer;
  observer.up_to_date = [&](const SyncReport& report) {
    bar.clear();
    if (arguments.json) {
      print_line(report_line("live", true, report));
    } else {
      print_line(std::string(say("up to date", "已是最新")));
    }
  };
  return observer;
}

// With a budget a person wants to know beforehand what there is.
void say_estimate(const SyncEstimate& estimate, bool json) {
  if (json) {
    JsonLine line;
    line.boolean("estimate", true)
        .number("transactions", estimate.transactions)
        .number("bytes_greeting", estimate.bytes_greeting)
        .number("bytes_up", estimate.bytes_up);
    add_estimate(line, "rows", estimate.rows);
    add_estimate(line, "bytes_down", estimate.bytes_down);
    return print_line(line.done());
  }
  std::string words = fmt::format(
      fmt::runtime(say("To send: {} transactions, about {}. Calling: about {}.",
                       "待发 {} 次改动，约 {}；联络约 {}。")),
      estimate.transactions, size_text(estimate.bytes_up), size_text(estimate.bytes_greeting));
  if (estimate.rows && *estimate.rows > 0) {
    words += fmt::format(fmt::runtime(say(" To receive, as of the last time: {} rows, about {}.",
                                          "上次还有 {} 行待收，约 {}。")),
                         *estimate.rows, size_text(estimate.bytes_down.value_or(0)));
  }
  print_line(words);
}

Status sync(const SyncArguments& arguments, SyncReport& report) {
  ProgressBar bar;
  SyncOptions options;
  if (!arguments.max_bytes.empty()) {
    DS_ASSIGN(options.bytes_max, size_of_text(arguments.max_bytes));
  }
  options.server = arguments.server;
  options.live = arguments.live;
  options.attempts = arguments.attempts;
  options.verify = arguments.verify;
  if (arguments.normal) options.synchronous = Synchronous::normal;
  options.observer = observer_for(arguments, bar);
  ReplicaSeams seams;
  seams.clock = &device_clock();
  DS_ASSIGN(const auto running, open_sync(arguments.db, std::move(options), seams));
  if (!arguments.max_bytes.empty()) {
    DS_ASSIGN(const SyncEstimate estimate, running->estimate());
    say_estimate(estimate, arguments.json);
  }
  const StopOnSignal signals(*running);
  const auto done = running->run();
  report = running->report();
  return done ? Status{} : Status(done.error());
}

void say_what_became_of_a_copy(const SyncReport& report) {
  if (report.forks == 0) return;
  print_line(std::string(say(
      "This phone is a copy of another, or was restored from a backup. It goes on as a phone of "
      "its own.",
      "这部手机是另一部手机的副本，或由备份恢复而来，现在以新的身份继续使用。")));
  if (report.set_aside == 0) {
    print_line(std::string(
        say("Nothing was only here; nothing was lost.", "没有只在本机才有的内容，什么都没有丢。")));
    return;
  }
  print_line(fmt::format(
      fmt::runtime(
          say("Changes that were only here: {}. The township keeps them for a person, "
              "'doorstep rejected' lists them and sends them again.",
              "有 {} 次改动只在本机：乡镇已另存待人处理，可用 doorstep rejected 查看并重发。")),
      report.set_aside));
}

void say_what_the_hub_lost(const SyncReport& report) {
  if (report.hub_reset) {
    print_line(fmt::format(
        fmt::runtime(say(
            "The township began anew; {} of your changes that were unsent wait for "
            "you: 'doorstep rejected' lists them and sends them again.",
            "乡镇已重新开始；您有 {} 次未发的改动在等您处理：doorstep rejected 可查看并重发。")),
        report.left_waiting));
  }
  if (report.hub_restored) {
    print_line(fmt::format(
        fmt::runtime(say("The township's hub was restored from a backup. {} transactions are "
                         "offered to it again.",
                         "乡镇的服务器已由备份恢复，有 {} 次改动重新上报。")),
        report.offered_again));
  }
}

void say_what_waits(const SyncReport& report) {
  if (report.rows_waiting) {
    print_line(fmt::format(
        fmt::runtime(say("budget used: {} transactions, {} rows still wait; the next sync goes on "
                         "from here",
                         "流量已用完：还有 {} 次改动、{} 行待传；下次同步从这里继续")),
        report.transactions_waiting, *report.rows_waiting));
    return;
  }
  print_line(fmt::format(
      fmt::runtime(say("budget used: {} transactions still wait, and what the township has was "
                       "not asked; the next sync goes on from here",
                       "流量已用完：还有 {} 次改动待发，乡镇的内容还没有问；下次同步从这里继续")),
      report.transactions_waiting));
}

int run(const SyncArguments& options) {
  SyncReport report;
  const Status done = sync(options, report);
  if (options.json && (done.ok() || report.connections > 0))
    print_line(report_line("done", done.ok(), report));
  if (!options.json) say_what_became_of_a_copy(report);
  if (!options.json) say_what_the_hub_lost(report);
  if (!done) return fail(done.error());
  if (!options.json) {
    print_line(fmt::format(
        fmt::runtime(say("{} sent, {} received, {} bytes up, {} down. {}",
                         "已发 {} 次，已收 {} 行，上行 {} 字节，下行 {} 字节。{}")),
        report.pushed, report.pulled, report.bytes_sent, report.bytes_received,
        report.up_to_date ? say("Up to date.", "已是最新。") : say("Stopped.", "已停止。")));
    if (report.budget_used) say_what_waits(report);
  }
  return report.up_to_date || report.budget_used || options.live ? 0 : 1;
}

}  // namespace

void add_sync(CLI::App& app, int& status) {
  auto options = std::make_shared<SyncArguments>();
  auto* command = app.add_subcommand("sync", "Send and receive changes / 同步");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("--server", options->server, "Another address of the same hub");
  command->add_flag("--live", options->live,
                    "Stay connected and sync as changes come, until stopped");
  command->add_flag("--json", options->json,
                    "JSON lines: progress, then one with \"done\" (false: it failed)");
  command->add_flag("--normal", options->normal, "synchronous NORMAL on this device");
  command->add_flag("--verify", options->verify,
                    "Read every row first (else once a day); what differs is healed");
  command->add_option("--attempts", options->attempts, "Connections to try before giving up")
      ->check(CLI::Range(1, 1000));
  command->add_option("--max-bytes", options->max_bytes,
                      "Carry no more than this, both ways, and go on next time: 64K, 2M (K is "
                      "1000) / 本次最多用的流量");
  command->footer(
      "Ctrl-C is safe at any moment; the next sync goes on where this one stopped.\n"
      "With --max-bytes own changes go first, the oldest first; exit status 0 when the bytes are "
      "used up.\n"
      "Examples:\n  doorstep sync --db wang.db\n  doorstep sync --db wang.db --live\n"
      "  doorstep sync --db wang.db --max-bytes 64K");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
