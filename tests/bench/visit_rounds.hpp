// Rounds of push and first load, which rows B, C and F look at: one phone writes the visits of the
// workload and pushes them to a hub process of the round's own, another loads them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {

struct RoundKind {
  std::size_t batch = 100;  ///< visits that the phone writes in a transaction
  LinkKind link;
  HarnessIds ids = HarnessIds::rising;

  /// ", written 100 a transaction, 50 ms each way".
  [[nodiscard]] std::string text() const;
};

struct VisitRound {
  double plain_push_s = 0;       ///< plain SQLite inserting the visits, 100 a transaction, FULL
  double plain_pull_s = 0;       ///< the same with what they hang on: what a fresh phone loads
  double plain_processor_s = 0;  ///< of plain_pull_s
  TimedSync push;
  TimedSync pull;
  double hub_push_s = 0;  ///< processor's, of the hub's process
  double hub_pull_s = 0;
  double plain_bytes = 0;  ///< of files, after a checkpoint
  double writer_before = 0;
  double writer_pending = 0;
  double writer_after = 0;
  double writer_backed_up = 0;  ///< after a backup of the hub and another sync
  double reader_after = 0;
  double hub_bytes = 0;
};

struct VisitRounds {
  RoundKind kind;
  double visits = 0;
  double zstd_csv = 0;  ///< bytes a visit
  double zstd_columns = 0;
  std::vector<VisitRound> rounds;

  template <class Get>
  [[nodiscard]] Spread spread(Get get) const {
    std::vector<double> values;
    for (const VisitRound& round : rounds) values.push_back(get(round));
    return spread_of(std::move(values));
  }
};

/// `options.repeats` rounds; run once in a process for each kind, however many rows ask.
[[nodiscard]] const VisitRounds& visit_rounds(const BenchOptions& options, const RoundKind& kind);

/// Push or first load, for the figures that both rows have.
struct VisitSync {
  std::string row;
  std::string metric;
  TimedSync VisitRound::*sync;
  double VisitRound::*hub_s;
  double VisitRound::*plain_s;
  double floors_at_most;
  double realm_per_s;  ///< visits, measured on another day
};
/// Seconds to up to date, with a mark on the ratio to the floor, or on the seconds when the link is
/// slow.
[[nodiscard]] Figure seconds_figure(const VisitSync& what, const VisitRounds& of);
/// The same until the hub had acknowledged the last transaction: what engines without an echo time.
[[nodiscard]] Figure acknowledged_figure(const VisitSync& what, const VisitRounds& of);
/// Bytes a visit, both ways, all that TCP carried.
[[nodiscard]] Figure wire_figure(const VisitSync& what, const VisitRounds& of);

}  // namespace doorstep::bench
