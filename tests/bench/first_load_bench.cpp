#include "tests/bench/visit_rounds.hpp"

namespace doorstep::bench {

Report bench_first_load(const BenchOptions& options) {
  const VisitSync load{
      "C", "first load", &VisitRound::pull, &VisitRound::hub_pull_s, &VisitRound::plain_pull_s,
      2.0, 41'000};
  Report report;
  for (const RoundKind& kind :
       {RoundKind{100, {}}, RoundKind{100, {slow_link_ms, false}}, RoundKind{100, {0, true}}}) {
    const VisitRounds& of = visit_rounds(options, kind);
    report.figures.push_back(seconds_figure(load, of));
    report.figures.push_back(wire_figure(load, of));
  }
  return report;
}

}  // namespace doorstep::bench
