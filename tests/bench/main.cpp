#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "engine/core/hash.hpp"
#include "tests/bench/benches.hpp"

int main(int argc, char** argv) {
  using namespace doorstep::bench;
  doorstep::initialise_crypto();
  CLI::App app("doorstep beside its floors, measured in the same run", "doorstep-bench");
  BenchOptions options;
  bool json = false;
  std::string row;
  app.add_option("--visits", options.visits, "Visits to write")->check(CLI::Range(100, 1'000'000));
  app.add_option("--single", options.single_row_transactions, "Transactions in the 1-row case");
  app.add_option("--repeats", options.repeats, "Rounds; medians are printed")
      ->check(CLI::Range(1, 100));
  app.add_option("--row", row,
                 "Only rows of this letter: A, H, or B, C, F (one run gives all three)");
  app.add_option("--hub-rows", options.hub_rows, "Rows of the large hub of row H")
      ->check(CLI::Range(40'000, 20'000'000));
  app.add_flag("--json", json, "One object a line");
  app.footer("Examples:\n  ./dev bench\n  ./dev bench --row A --repeats 9\n  ./dev bench --json");
  CLI11_PARSE(app, argc, argv);
  if (!json) {
    fmt::print("{}\nmedians of {} rounds; read the ratios, the machine's speed moves\n\n",
               machine(), options.repeats);
  }
  std::vector<Figure> figures;
  if (row.empty() || row == "A") figures = bench_local_inserts(options);
  std::vector<std::string> plans;
  if (row.empty() || row == "H") {
    for (Figure& figure : bench_big_hub(options, plans)) figures.push_back(std::move(figure));
  }
  if (row.empty() || (row != "A" && row != "H")) {
    for (Figure& figure : bench_sync(options)) {
      if (row.empty() || figure.row == row) figures.push_back(std::move(figure));
    }
  }
  print(figures, json);
  if (!json) {
    for (const std::string& plan : plans) fmt::print("H   plan: {}\n", plan);
  }
  return figures.empty() ? 2 : 0;
}
