#include "tests/bench/visit_rounds.hpp"

namespace doorstep::bench {

Report bench_push(const BenchOptions& options) {
  const VisitSync push{
      "B", "push", &VisitRound::push, &VisitRound::hub_push_s, &VisitRound::plain_push_s,
      2.2, 51'000};
  Report report;
  for (const RoundKind& kind : {RoundKind{100, {}}, RoundKind{1, {}},
                                RoundKind{100, {slow_link_ms, false}}, RoundKind{100, {0, true}}}) {
    const VisitRounds& of = visit_rounds(options, kind);
    report.figures.push_back(acknowledged_figure(push, of));
    report.figures.push_back(seconds_figure(push, of));
    report.figures.push_back(wire_figure(push, of));
  }
  return report;
}

}  // namespace doorstep::bench
