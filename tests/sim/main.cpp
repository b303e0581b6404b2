#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "engine/core/defect.hpp"
#include "tests/sim/defects.hpp"
#include "tests/sim/draw_script.hpp"
#include "tests/sim/options.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/summary.hpp"
#include "tests/sim/world.hpp"

using namespace doorstep;
using namespace doorstep::sim;

namespace {

constexpr int exit_usage = 2;
constexpr int exit_crash = 3;
constexpr int exit_liveness = 4;
constexpr int exit_correctness = 5;
constexpr int exit_differs = 6;
constexpr int exit_interrupted = 130;

volatile sig_atomic_t interrupted = 0;
// What a crash prints: made before each run, for nothing can be made in a handler.
char replay_line[256];

void on_interrupt(int) { interrupted = 1; }

void on_crash(int) {
  static constexpr char what[] = "\nSIM FAIL crash; replay: ";
  static_cast<void>(!::write(STDERR_FILENO, what, sizeof what - 1));
  static_cast<void>(!::write(STDERR_FILENO, replay_line, std::strlen(replay_line)));
  static_cast<void>(!::write(STDERR_FILENO, "\n", 1));
  ::_exit(exit_crash);
}

void remember(const std::string& line) {
  std::strncpy(replay_line, line.c_str(), sizeof replay_line - 1);
}

class Runner {
 public:
  explicit Runner(SimOptions options) : options_(std::move(options)) {}

  /// Zero, or what is to be exited with.
  int run(const Script& script, const std::string& replay) {
    remember(replay);
    RunOptions how;
    how.prints = options_.trace;
    const RunResult result = run_script(script, how);
    summary_.add(result);
    if (options_.json) std::cout << json_of(script.seed, result) << '\n';
    if (result.failure) return failed(script, result, replay);
    if (options_.twice && run_script(script).trace != result.trace) {
      std::cerr << "SIM FAIL two runs of one script differ; replay: " << replay << " --twice\n";
      return exit_differs;
    }
    return 0;
  }

  void print_summary() const {
    std::cout << (options_.json ? summary_.json() : summary_.text()) << std::flush;
  }
  void progress(std::uint64_t done, std::uint64_t all) {
    if (options_.json || ::isatty(STDERR_FILENO) == 0 || done % 10 != 0) return;
    std::cerr << "\r" << done << " of " << all << " seeds" << std::flush;
    if (done == all) std::cerr << "\r";
  }

 private:
  int failed(const Script& script, const RunResult& result, const std::string& replay) {
    const bool liveness = result.failure->kind == FailureKind::liveness;
    std::cerr << "SIM FAIL " << (liveness ? "liveness" : "correctness") << ": "
              << result.failure->what << "\nreplay: " << replay << "\n";
    if (options_.shrink) {
      const Script small = shrink(script, [&](const Script& candidate) {
        const RunResult again = run_script(candidate);
        return again.failure && again.failure->kind == result.failure->kind &&
               kind_of_failure(*again.failure) == kind_of_failure(*result.failure);
      });
      std::cerr << "shrunk to " << small.lines.size()
                << " lines: " << run_script(small).failure.value_or(Failure{}).what << "\n";
      std::cout << print(small);
    } else if (!options_.trace) {
      for (const std::string& line : result.newest) std::cerr << "  " << line << "\n";
    }
    return liveness ? exit_liveness : exit_correctness;
  }

  SimOptions options_;
  Summary summary_;
};

Result<Script> read_script(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream file(path);
    if (!file) return error(ErrorCode::not_found, path);
    text << file.rdbuf();
  }
  return parse_script(text.str());
}

int run_replay(const SimOptions& options) {
  const auto script = read_script(options.replay);
  if (!script) {
    std::cerr << "doorstep-sim: " << script.error().text() << "\n";
    return exit_usage;
  }
  if (options.print_script) {
    std::cout << print(*script);
    return 0;
  }
  const WorkFolder folder;
  Runner runner(options);
  const int code = runner.run(*script, "doorstep-sim --replay " + options.replay);
  runner.print_summary();
  return code;
}

int run_seeds(const SimOptions& options) {
  const WorkFolder folder;
  Runner runner(options);
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const std::uint64_t seed = options.from + i;
    const Script script = draw_script(seed);
    if (options.print_script) {
      std::cout << print(script);
      continue;
    }
    const std::string defect = options.defect.empty() ? "" : " --defect " + options.defect;
    const int code = runner.run(script, "./dev sim --seed " + std::to_string(seed) + defect);
    if (code != 0) return code;
    runner.progress(i + 1, options.seeds);
    if (interrupted != 0) {
      runner.print_summary();
      return exit_interrupted;
    }
  }
  if (!options.print_script) runner.print_summary();
  return 0;
}

/// False when there is no such defect, or none in this build.
bool switch_on(const std::string& wanted) {
  if (wanted == "list") {
    for (const Defect& one : all_defects()) std::cout << one.name << ": " << one.what << "\n";
    return true;
  }
  for (const Defect& one : all_defects()) {
    if (one.name != wanted) continue;
    switch_defect_on(wanted);
    if (!has_defects) std::cerr << "doorstep-sim: this build has no defects to switch on\n";
    return has_defects;
  }
  std::cerr << "doorstep-sim: no defect is called " << wanted << "\n";
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options({argv + 1, argv + argc});
  if (!options || options->help) {
    (options ? std::cout : std::cerr) << (options ? "" : options.error().detail + "\n") << usage();
    return options ? 0 : exit_usage;
  }
  if (!options->defect.empty()) {
    if (!switch_on(options->defect)) return exit_usage;
    if (options->defect == "list") return 0;
  }
  struct sigaction interrupt {};
  interrupt.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &interrupt, nullptr);
  ::signal(SIGSEGV, on_crash);
  ::signal(SIGABRT, on_crash);
  install_vfs();
  return options->replay.empty() ? run_seeds(*options) : run_replay(*options);
}
