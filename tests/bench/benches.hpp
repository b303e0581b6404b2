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
  bool village = false;  ///< visits of the sample village instead of the peers' harness: A, B, C, F
  std::size_t single_row_transactions = 2'000;
  int repeats = 5;
  std::size_t hub_rows = 200'000;         ///< of the large hub of row P
  std::size_t idle_connections = 10'000;  ///< of row G, plain; a tenth of them with TLS
  std::size_t storm_devices = 2'000;      ///< of row H
  std::size_t village_rows = 50'000;      ///< of row K
  std::size_t replica_rows = 1'000'000;   ///< of row L
  std::vector<std::size_t> growth_rows = {10'000, 1'000'000};  ///< of the hubs of row I
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

/// Row D: edits of the same visits on two phones that meet at the hub, many of many and many of
/// one; aborts unless both phones agree at the end and what lost is on record.
[[nodiscard]] Report bench_edits(const BenchOptions& options);

/// Row E: one change from a phone through the hub to another, both connected.
[[nodiscard]] Report bench_live_change(const BenchOptions& options);

/// Row N: what a sync costs that finds nothing to do.
[[nodiscard]] Report bench_nothing_to_do(const BenchOptions& options);

/// Row R: what is sent again after a phone was killed in the middle of a push.
[[nodiscard]] Report bench_killed_push(const BenchOptions& options);

/// Row F: what files weigh before, while pending and after.
[[nodiscard]] Report bench_files(const BenchOptions& options);

/// Row G: memory of a hub process for each device that is connected and has nothing to do.
[[nodiscard]] Report bench_idle_connections(const BenchOptions& options);

/// Row H: many devices that were offline for a day call at once, against one with all their work.
[[nodiscard]] Report bench_storm(const BenchOptions& options);

/// Row I: sync of one change with hubs of few and of many rows.
[[nodiscard]] Report bench_growth(const BenchOptions& options);

/// Row J: what the hub's merge costs beside plain upserts of the same rows, in one process.
[[nodiscard]] Report bench_merge(const BenchOptions& options);

/// Row K: first load of a large village by one phone, and by many devices at once.
[[nodiscard]] Report bench_village_loads(const BenchOptions& options);

/// Row L: opening a replica with many rows and much unsent work, and the first write on it.
[[nodiscard]] Report bench_opening(const BenchOptions& options);

/// Row P: what people ask of a hub, with many rows beside 20,000: open conflicts, one row with its
/// cells, and the proposals for one new household; the notes are how SQLite finds what they read.
[[nodiscard]] Report bench_big_hub(const BenchOptions& options);

}  // namespace doorstep::bench
