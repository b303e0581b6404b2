// The kinds of work that are measured; letters as in docs/performance.md.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/measure.hpp"

namespace doorstep::bench {

struct BenchOptions {
  std::size_t visits = 10'000;
  std::size_t single_row_transactions = 1'000;
  int repeats = 5;
  std::size_t hub_rows = 200'000;  ///< of the large hub of row H
};

/// Row A: inserts on the phone, against plain SQLite with the same tables, rows and synchronous
/// setting.
[[nodiscard]] std::vector<Figure> bench_local_inserts(const BenchOptions& options);

/// Rows B, C and F: push of the visits to a hub process over loopback, first load of them on a
/// fresh device, bytes on the wire, and what files weigh before, while pending and after.
[[nodiscard]] std::vector<Figure> bench_sync(const BenchOptions& options);

/// Row H: what people ask of a hub, with many rows beside 20,000: open conflicts, one row with its
/// cells, and the proposals for one new household. `plans`: how SQLite finds what they read.
[[nodiscard]] std::vector<Figure> bench_big_hub(const BenchOptions& options,
                                                std::vector<std::string>& plans);

}  // namespace doorstep::bench
