#include "tests/bench/visit_rounds.hpp"

namespace doorstep::bench {

Report bench_files(const BenchOptions& options) {
  Report report;
  for (const RoundKind& kind :
       {RoundKind{100, {}}, RoundKind{1, {}}, RoundKind{100, {}, HarnessIds::random}}) {
    if (options.village && kind.ids != HarnessIds::rising) continue;
    const VisitRounds& of = visit_rounds(options, kind);
    const double plain = of.spread([](const VisitRound& r) { return r.plain_bytes; }).median;
    const auto file = [&](const std::string& metric, std::optional<Reach> reach,
                          double VisitRound::*bytes) {
      report.figures.push_back({"F",
                                metric + kind.text(),
                                of.spread([&](const VisitRound& round) { return round.*bytes; }),
                                "bytes",
                                plain,
                                "plain SQLite file, same tables and rows",
                                reach,
                                {}});
    };
    file("writer's file before", {}, &VisitRound::writer_before);
    file("writer's file, all pending", ratio_at_most(kind.batch == 1 ? 2.2 : 1.8),
         &VisitRound::writer_pending);
    file("writer's file, synced", ratio_at_most(1.05), &VisitRound::writer_after);
    file("writer's file, synced, the hub backed up", ratio_at_most(1.05),
         &VisitRound::writer_backed_up);
    file("reader's file, synced", ratio_at_most(1.05), &VisitRound::reader_after);
    file("hub's file", ratio_at_most(1.35), &VisitRound::hub_bytes);
  }
  return report;
}

}  // namespace doorstep::bench
