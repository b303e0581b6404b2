// The main job, end to end: a township hub and twelve phones of Dushi village as separate processes
// on real files and real sockets. It checks what it prints, and fails when a figure or a digest
// differs.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "tests/demo/village_week.hpp"

namespace {

using namespace doorstep;
using doorstep::demo::phone_count;
using doorstep::test::Finished;
using doorstep::test::Json;
using doorstep::test::Phone;
using doorstep::test::TownshipHub;

constexpr std::size_t conflicts_shown = 12;

const std::string boxes_given = "select given from supply where id = (select min(id) from supply)";
const std::string heads_counted =
    "select people_reached from supply where id = (select min(id) from supply)";

/// Those that a person would look at first: everything but the dates that only moved forward.
std::vector<Json> by_table_and_column(std::vector<Json> conflicts) {
  std::stable_partition(conflicts.begin(), conflicts.end(),
                        [](const Json& one) { return one.text("policy") != "max"; });
  return conflicts;
}

/// A demo that says what it does, counts what goes wrong, and ends with 1 if anything did.
class Stage {
 public:
  Stage() : start_(std::chrono::steady_clock::now()) {}
  void say(const std::string& text) const {
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - start_;
    fmt::print("{:6.1f} s  {}\n", since.count(), text);
    std::fflush(stdout);
  }
  bool check(bool holds, const std::string& what, const std::string& detail = {}) {
    if (!holds) {
      ++failures_;
      fmt::print("   FAILED  {} {}\n", what, detail);
    }
    return holds;
  }
  void expect_done(const Finished& finished, const std::string& what) {
    check(finished.status == 0, what, finished.err);
  }
  [[nodiscard]] int failures() const { return failures_; }

 private:
  std::chrono::steady_clock::time_point start_;
  int failures_ = 0;
};

struct Traffic {
  std::int64_t sent = 0;
  std::int64_t received = 0;
  void add(const Finished& finished) {
    const Json done = test::last_json(finished);
    sent += done.number("bytes_sent");
    received += done.number("bytes_received");
  }
};

class Demo {
 public:
  explicit Demo(bool keep) : folder_("demo", keep), hub_(folder_.file("hub")), keep_(keep) {
    for (std::size_t i = 0; i < phone_count; ++i) {
      // Every fourth phone's clock is some minutes off, to either side.
      const std::int64_t error_ms = i % 4 == 3 ? (i % 8 == 3 ? 7 : -11) * 60'000LL : 0;
      phones_.emplace_back(folder_.file(fmt::format("phone-{:02}.db", i + 1)),
                           fmt::format("志愿者{}", i + 1), error_ms);
    }
  }

  int play() {
    open_township();
    if (stage_.failures() == 0) first_load();
    if (stage_.failures() == 0) work_offline();
    if (stage_.failures() == 0) reconnect();
    if (stage_.failures() == 0) verify();
    summary();
    return stage_.failures() == 0 ? 0 : 1;
  }

 private:
  template <class Work>
  void on_all_phones(Work work) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < phone_count; ++i) threads.emplace_back([&work, i] { work(i); });
  }

  void open_township() {
    stage_.check(hub_.made().status == 0, "doorstepd init", hub_.made().err);
    stage_.expect_done(hub_.command({"load", "--sample", "dushi"}), "doorstepd load");
    hub_.serve();
    stage_.check(!hub_.url().empty(), "doorstepd serve");
    stage_.say("桥江镇's hub listens at " + hub_.url() + " with the records of 独石村 (Dushi)");
  }

  void first_load() {
    std::vector<Finished> results(phone_count);
    std::vector<std::string> codes;
    for (const Phone& phone : phones_) codes.push_back(hub_.enrol(phone.name()));
    on_all_phones([&](std::size_t i) {
      results[i] = phones_[i].enrol(hub_, codes[i]);
      if (results[i].status == 0) results[i] = phones_[i].sync();
    });
    for (const Finished& result : results) {
      stage_.expect_done(result, "enrol and first load");
      first_load_.add(result);
    }
    for (const Phone& phone : phones_) {
      const std::string people = phone.read(
          "select (select count(*) from household) || ' households, ' || (select count(*) from "
          "resident) || "
          "' residents, ' || (select count(*) from resident where labels like '%empty_nest%') || "
          "' empty-nest elders, ' || (select count(*) from resident where labels like "
          "'%left_behind%') || "
          "' left-behind children'");
      stage_.check(
          people ==
              "339 households, 1232 residents, 107 empty-nest elders, 75 left-behind children",
          "what a phone holds:", people);
    }
    stage_.say(fmt::format(
        "{} phones enrolled and loaded: 339 households, 1,232 residents each, {:.1f} KB a phone "
        "on the wire, {:.1f} MB a file",
        phone_count,
        static_cast<double>(first_load_.received) / 1024.0 / static_cast<double>(phone_count),
        static_cast<double>(std::filesystem::file_size(phones_[0].file())) / 1048576.0));
  }

  void work_offline() {
    hub_.stop();
    boxes_before_ = std::stoll("0" + phones_[0].read(boxes_given));
    heads_before_ = std::stoll("0" + phones_[0].read(heads_counted));
    SeededRandom random(20261121);
    std::vector<demo::Share> shares;
    for (std::size_t i = 0; i < phone_count; ++i)
      shares.push_back(demo::share_of(static_cast<int>(i), phones_[i], random, week_));
    std::vector<int> failed(phone_count);
    on_all_phones([&](std::size_t i) {
      for (const std::string& transaction : shares[i].transactions) {
        failed[i] += phones_[i].sql(transaction).status == 0 ? 0 : 1;
      }
    });
    for (const int count : failed) stage_.check(count == 0, "writing offline");
    std::int64_t pending = 0;
    for (const Phone& phone : phones_) pending += phone.status().number("pending");
    stage_.check(pending == week_.transactions, "all that was written is pending");
    stage_.say(
        fmt::format("the hub is off; a week offline: {} transactions on {} phones, all pending",
                    pending, phone_count));
  }

  void sync_one(std::size_t i) {
    const Finished done = phones_[i].sync();
    stage_.expect_done(done, "sync of " + phones_[i].name());
    week_traffic_.add(done);
  }

  void reconnect() {
    hub_.serve();
    for (std::size_t i = 0; i < phone_count / 2; ++i) sync_one(i);
    stage_.say("six phones came back one by one");

    // One phone loses its battery in the middle of its sync, and goes on later.
    const std::size_t unlucky = phone_count - 1;
    test::Process dying = phones_[unlucky].start({"sync", "--json"});
    stage_.check(dying.read_line().has_value(), "the sync has begun");
    dying.signal(SIGKILL);
    dying.wait();
    std::vector<Finished> results(phone_count);
    on_all_phones([&](std::size_t i) {
      if (i >= phone_count / 2) results[i] = phones_[i].sync();
    });
    for (std::size_t i = phone_count / 2; i < phone_count; ++i) {
      stage_.expect_done(results[i], "sync of " + phones_[i].name());
      week_traffic_.add(results[i]);
    }
    stage_.say("six came back at once, one of them after SIGKILL in the middle of its sync");
    for (std::size_t i = 0; i < phone_count; ++i) sync_one(i);
    stage_.say("everyone synced once more");
  }

  void expect_figure(const std::string& file, const std::string& select, std::int64_t expected) {
    const std::string found = test::plain_read(file, select);
    stage_.check(found == std::to_string(expected), select,
                 fmt::format("gave {}, not {}", found, expected));
  }

  void verify() {
    std::set<std::string> digests;
    for (const Phone& phone : phones_) {
      const Json status = phone.status();
      stage_.check(status.number("pending") == 0 && status.boolean("up_to_date"), "up to date",
                   status.source());
      stage_.expect_done(phone.command({"verify"}), "verify of " + phone.name());
      digests.insert(status.text("scopes"));
    }
    stage_.check(digests.size() == 1, "digests are equal on all phones");
    stage_.expect_done(hub_.command({"verify"}), "verify of the hub");
    for (const std::string& file :
         {phones_.front().file(), phones_.back().file(), hub_.database()}) {
      expect_figure(file, "select count(*) from visit where visitor like '志愿者%'", week_.visits);
      expect_figure(file,
                    "select count(*) from health_check where half_year = '2026H2' and checked_on = "
                    "'2026-11-20'",
                    week_.checks);
      expect_figure(file, "select sum(amount_fen) from fund_entry where purpose = 'week'",
                    week_.ledger_fen);
      expect_figure(file, boxes_given, boxes_before_ + week_.boxes_given);
      expect_figure(file, heads_counted, heads_before_ + week_.heads_counted);
    }
    if (stage_.failures() == 0) {
      stage_.say(
          "verified by reading everything: every phone equals the hub, every count and sum is "
          "exact");
    }
  }

  void summary() {
    const auto conflicts = test::json_lines(hub_.command({"conflicts", "--json"}).out);
    const auto total = week_traffic_.sent + week_traffic_.received;
    fmt::print("\nThe week in figures\n");
    fmt::print(
        "  written offline     {} transactions: {} visits, {} checks, {} ledger entries, {} boxes "
        "given\n",
        week_.transactions, week_.visits, week_.checks, week_.ledger_entries, week_.boxes_given);
    fmt::print(
        "  on the wire         {} bytes up, {} down over {} phones; {} bytes a transaction sent\n",
        week_traffic_.sent, week_traffic_.received, phone_count,
        week_.transactions == 0 ? 0 : week_traffic_.sent / week_.transactions);
    fmt::print("                      ({} bytes in all, every transaction to all {} phones)\n",
               total, phone_count);
    fmt::print("  values that met     {} conflicts, none dropped; {} shown:\n", conflicts.size(),
               std::min(conflicts.size(), conflicts_shown));
    std::size_t shown = 0;
    for (const Json& conflict : by_table_and_column(conflicts)) {
      if (++shown > conflicts_shown) break;
      fmt::print("    {}.{} [{}]: {} stands, {} lost ({})\n", conflict.text("table"),
                 conflict.text("column"), conflict.text("policy"), conflict.text("winner"),
                 conflict.text("loser"), conflict.text("loser_at"));
    }
    if (stage_.failures() > 0) fmt::print("\n{} checks FAILED\n", stage_.failures());
    fmt::print("\nLook for yourself{}:\n",
               keep_ ? "" : " (run with --keep, these files are removed)");
    fmt::print("  sqlite3 {} \"select visitor, count(*) from visit group by visitor\"\n",
               phones_[0].file());
    fmt::print("  sqlite3 {} \"select * from ds_conflict\"\n", hub_.database());
    if (keep_)
      fmt::print("  the hub still serves at {} until you stop this with Ctrl-C\n", hub_.url());
    std::fflush(stdout);
    if (keep_ && stage_.failures() == 0) {
      sigset_t signals;
      sigemptyset(&signals);
      sigaddset(&signals, SIGINT);
      sigaddset(&signals, SIGTERM);
      int number = 0;
      sigwait(&signals, &number);
    }
    hub_.stop();
  }

  Stage stage_;
  test::ScratchFolder folder_;
  TownshipHub hub_;
  bool keep_;
  std::vector<Phone> phones_;
  demo::WeekTotals week_;
  std::int64_t boxes_before_ = 0;
  std::int64_t heads_before_ = 0;
  Traffic first_load_;
  Traffic week_traffic_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A township hub and twelve phones of one village: the main job, end to end",
               "doorstep-demo");
  bool keep = false;
  app.add_flag("--keep", keep, "Leave the files and go on serving until Ctrl-C, to play with them");
  CLI11_PARSE(app, argc, argv);
  if (keep) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
  }
  return Demo(keep).play();
}
