// The kinds of work that are measured: one function for each letter of docs/performance.md, all in
// the table bench_rows(). A new row is a function here, a line of that table, and a file of its
// own.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/measure.hpp"

namespace doorstep::bench {

struct BenchOptions {
  std::size_t visits = 10'000;
  std::size_t single_row_transactions = 2'000;
  int repeats = 5;
  std::size_t hub_rows = 200'000;         ///< of the large hub of row P
  std::size_t idle_connections = 10'000;  ///< of row G, plain; a tenth of them with TLS
};

/// What measuring one row gave; the notes are printed after the table, for people only.
struct Report {
  std::vector<Figure> figures;
  std::vector<std::string> notes;
};

struct BenchRow {
  std::string_view letter;
  std::string_view title;
  Report (*run)(const BenchOptions& options);
};

/// In the order in which they are run and printed.
[[nodiscard]] std::span<const BenchRow> bench_rows();

/// Row A: inserts and updates on the phone, against plain SQLite with the same tables, rows and
/// pragmas.
[[nodiscard]] Report bench_local_writes(const BenchOptions& options);

/// Row B: push of the visits to a hub process over loopback.
[[nodiscard]] Report bench_push(const BenchOptions& options);

/// Row C: first load of the visits on a fresh device.
[[nodiscard]] Report bench_first_load(const BenchOptions& options);

/// Row F: what files weigh before, while pending and after.
[[nodiscard]] Report bench_files(const BenchOptions& options);

/// Row G: memory of a hub process for each device that is connected and has nothing to do.
[[nodiscard]] Report bench_idle_connections(const BenchOptions& options);

/// Row J: what the hub's merge costs beside plain upserts of the same rows, in one process.
[[nodiscard]] Report bench_merge(const BenchOptions& options);

/// Row P: what people ask of a hub, with many rows beside 20,000: open conflicts, one row with its
/// cells, and the proposals for one new household; the notes are how SQLite finds what they read.
[[nodiscard]] Report bench_big_hub(const BenchOptions& options);

}  // namespace doorstep::bench
