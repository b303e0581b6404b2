#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/hash.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/guard.hpp"
#include "tests/bench/peer_run.hpp"

namespace {

using namespace doorstep::bench;

std::string footer() {
  std::string text = "Rows:\n";
  for (const BenchRow& row : bench_rows()) text += fmt::format("  {}  {}\n", row.letter, row.title);
  return text +
         "\nEvery figure stands beside its floor, measured in the same run; `reach` is its mark "
         "and `ok` whether it is met.\n"
         "Exit status: 0 measured, 1 with --check when a mark is missed.\n"
         "Examples:\n  ./dev bench\n  ./dev bench --row A --repeats 9\n  ./dev bench --row B,C "
         "--json\n  ./dev bench --check\n  ./dev bench --guard\n"
         "  ./dev bench --peers --only sqlite,yjs --repeats 1";
}

/// The rows asked for, all when none is named.
std::vector<BenchRow> rows_of(const std::vector<std::string>& letters) {
  std::vector<BenchRow> rows;
  for (const BenchRow& row : bench_rows()) {
    if (letters.empty() || std::find(letters.begin(), letters.end(), row.letter) != letters.end()) {
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<std::string> all_letters() {
  std::vector<std::string> letters;
  for (const BenchRow& row : bench_rows()) letters.emplace_back(row.letter);
  return letters;
}

/// How much each row works on.
void add_sizes(CLI::App& app, BenchOptions& options) {
  app.add_option("--visits", options.visits, "Visits to write")->check(CLI::Range(100, 1'000'000));
  app.add_flag("--village", options.village,
               "Rows A, B, C, F with visits of the sample village instead of the peers' harness's");
  app.add_option("--single", options.single_row_transactions, "Transactions in the 1-row case")
      ->check(CLI::Range(100, 1'000'000));
  app.add_option("--hub-rows", options.hub_rows, "Rows of the large hub of row P")
      ->check(CLI::Range(40'000, 20'000'000));
  app.add_option("--connections", options.idle_connections, "Idle connections of row G")
      ->check(CLI::Range(100, 20'000))
      ->capture_default_str();
  app.add_option("--devices", options.storm_devices, "Devices that call at once in row H")
      ->check(CLI::Range(10, 10'000))
      ->capture_default_str();
  app.add_option("--village-rows", options.village_rows, "Rows of the village of row K")
      ->check(CLI::Range(1'000, 1'000'000))
      ->capture_default_str();
  app.add_option("--replica-rows", options.replica_rows, "Rows of the replica of row L")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--growth-rows", options.growth_rows, "Rows of the hubs of row I, rising")
      ->delimiter(',')
      ->check(CLI::Range(4'000, 20'000'000))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  doorstep::initialise_crypto();
  CLI::App app("doorstep beside its floors, measured in the same run", "doorstep-bench");
  BenchOptions options;
  bool json = false;
  bool check = false;
  std::vector<std::string> letters;
  add_sizes(app, options);
  app.add_option("--repeats", options.repeats, "Rounds; medians are printed")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--row", letters, "Only rows of these letters, listed below")
      ->delimiter(',')
      ->check(CLI::IsMember(all_letters()));
  app.add_flag("--json", json, "One object a line");
  app.add_flag("--check", check, "Exit status 1 when a mark is missed");
  app.footer(footer());
  bool guard = false;
  bool record = false;
  std::string guarded;
  app.add_flag("--guard", guard,
               "Instruction counts and sizes of fixed work against tests/bench/guard.json");
  app.add_flag("--record", record, "With --guard: writes that file anew")->needs("--guard");
  app.add_option("--guarded-work", guarded, "One of the guard's works, for callgrind to count");
  bool as_peer = false;
  app.add_flag("--as-peer", as_peer, "One repetition for the peers' harness, which calls this");
  CLI11_PARSE(app, argc, argv);
  if (as_peer) return run_as_peer();
  if (!guarded.empty()) return run_guarded_work(guarded) ? 0 : 2;
  if (guard) return run_guard(argv[0], record);
  if (!json) {
    fmt::print("{}\nmedians of {} rounds; read the ratios, the machine's speed moves\n\n",
               machine(), options.repeats);
  }
  std::vector<Figure> figures;
  std::vector<std::string> notes;
  for (const BenchRow& row : rows_of(letters)) {
    Report report = row.run(options);
    std::move(report.figures.begin(), report.figures.end(), std::back_inserter(figures));
    std::move(report.notes.begin(), report.notes.end(), std::back_inserter(notes));
  }
  print(figures, json);
  for (const std::string& note : notes) {
    if (!json) fmt::print("{}\n", note);
  }
  const bool missed = std::any_of(figures.begin(), figures.end(),
                                  [](const Figure& figure) { return figure.ok() == false; });
  return check && missed ? 1 : 0;
}
