// Real phones and a real hub under SIGKILL, a thousand of each, with a checker on the way: what was
// committed is on every replica exactly once. Ctrl-C ends it between two rounds.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "engine/core/json_line.hpp"
#include "tests/support/killed_village.hpp"

namespace {

using doorstep::JsonLine;
using doorstep::test::KilledVillage;
using Clock = std::chrono::steady_clock;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_interrupted = 130;

volatile sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

struct Options {
  int kills = 1000;
  std::uint64_t seed = 1;
  int check_every = 50;
  bool keep = false;
};

class Soak {
 public:
  explicit Soak(const Options& options) : options_(options), village_(options.seed, true) {}

  int run() {
    while (village_.problems().empty() && !enough() && interrupted == 0) {
      round();
      if (interrupted == 0 && (rounds_ % options_.check_every == 0 || enough())) look();
      progress(false);
    }
    // The programs hear Ctrl-C, too: what that round says of them is no finding.
    const bool failed = interrupted == 0 && !village_.problems().empty();
    village_.hub().stop();
    progress(true);
    summary(failed);
    if (failed) {
      std::cerr << village_.all_problems() << "the files are kept: " << village_.folder() << "\n";
      return exit_failed;
    }
    std::error_code ignored;
    if (!options_.keep) std::filesystem::remove_all(village_.folder(), ignored);
    return interrupted != 0 ? exit_interrupted : 0;
  }

 private:
  [[nodiscard]] bool enough() const {
    return village_.devices_killed() >= options_.kills && village_.hubs_killed() >= options_.kills;
  }

  void round() {
    for (const auto* phone : {&village_.a(), &village_.b()}) {
      if (village_.random().below(3) == 0) {
        village_.pay_and_kill(*phone);
      } else {
        village_.pay(*phone);
      }
    }
    village_.sync_and_kill(rounds_ % 10 == 0);
    rounds_ += 1;
  }

  void look() {
    village_.converge();
    village_.check();
    checks_ += 1;
  }

  [[nodiscard]] long long seconds() const {
    return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_).count();
  }

  void progress(bool last) const {
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    if (!terminal && !last && rounds_ % options_.check_every != 0) return;
    std::cerr << (terminal ? "\r" : "") << "round " << rounds_
              << ", killed: " << village_.devices_killed() << " devices, " << village_.hubs_killed()
              << " hubs of " << options_.kills << ", " << village_.payments() << " payments, "
              << checks_ << " checks, " << seconds() << " s" << (terminal && !last ? " " : "\n")
              << std::flush;
  }

  void summary(bool failed) const {
    std::cout << JsonLine()
                     .boolean("ok", !failed && enough())
                     .boolean("interrupted", interrupted != 0)
                     .number("seed", options_.seed)
                     .number("rounds", std::int64_t{rounds_})
                     .number("devices_killed", std::int64_t{village_.devices_killed()})
                     .number("hubs_killed", std::int64_t{village_.hubs_killed()})
                     .number("payments", std::uint64_t{village_.payments()})
                     .number("checks", std::int64_t{checks_})
                     .number("problems", std::uint64_t{village_.problems().size()})
                     .number("seconds", std::int64_t{seconds()})
                     .done()
              << "\n";
  }

  Options options_;
  Clock::time_point began_ = Clock::now();
  KilledVillage village_;
  int rounds_ = 0;
  int checks_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Kills real phones and a real hub at random moments, and checks what they hold");
  app.add_option("--kills", options.kills, "so many of phones and so many of the hub")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "draws payments and moments")->capture_default_str();
  app.add_option("--check-every", options.check_every, "rounds from check to check")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--keep", options.keep, "leave the files to look at, also when all is well");
  app.footer(
      "The last line of standard output is one JSON object. Exit status: 0 nothing lost and "
      "nothing\n"
      "doubled, 1 something was (the files are kept), 2 wrong usage, 130 interrupted.\n"
      "Moments depend on the machine: a seed draws the same payments, but not the same run.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  struct sigaction interrupt {};
  interrupt.sa_handler = on_interrupt;
  interrupt.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &interrupt, nullptr);
  ::sigaction(SIGTERM, &interrupt, nullptr);
  return Soak(options).run();
}
