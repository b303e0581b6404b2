#include "tests/bench/visit_rounds.hpp"

#include <fmt/format.h>

#include <deque>

#include "engine/core/assert.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"

namespace doorstep::bench {
namespace {

constexpr double delayed_at_most_s = 0.45;
constexpr double bytes_at_most = 70;

/// Plain SQLite with the same rows: what writing them alone costs. Half of the seconds are added to
/// the round's floors, as it is done twice.
void insert_into_plain(const Workload& workload, const std::string& file, const std::string& like,
                       VisitRound& round) {
  auto plain = make_plain_file(file, workload.schema, true, like);
  const Spent ground = spent_in([&] { insert_ground(plain, workload); });
  const Spent visits = spent_in([&] {
    insert_plain(plain, workload.visit_table(), workload.visits, 0, workload.visits.size(), 100);
  });
  round.plain_push_s += visits.wall_s / 2;
  round.plain_pull_s += (ground.wall_s + visits.wall_s) / 2;
  round.plain_processor_s += (ground.processor_s + visits.processor_s) / 2;
}

VisitRound run_round(const Workload& workload, const RoundKind& kind) {
  Township township(workload, kind.link.tls);
  LinkProxy link(township.url(), kind.link.one_way_ms);
  const std::string writer = township.phone("writer");
  const std::string reader = township.phone("reader");
  const auto count = workload.visits.size();

  VisitRound round;
  insert_ground(*open_to_prepare(writer), workload);
  static_cast<void>(sync_now(writer, link));
  round.writer_before = bytes_of_file(writer);
  // Before and after, so that a slow minute of the machine falls on both.
  insert_into_plain(workload, township.file("plain.db"), writer, round);
  round.plain_bytes = bytes_of_file(township.file("plain.db"));
  insert_through_sdk(*open_to_prepare(writer), workload.visit_table(), workload.visits, 0, count,
                     kind.batch);
  round.writer_pending = bytes_of_file(writer);
  const double before = township.processor_seconds();
  round.push = sync_now(writer, link);
  const double between = township.processor_seconds();
  round.pull = sync_now(reader, link);
  round.hub_push_s = between - before;
  round.hub_pull_s = township.processor_seconds() - between;
  insert_into_plain(workload, township.file("plain.db"), writer, round);
  DS_ASSERT(round.pull.report.rows_written >= count);
  round.writer_after = bytes_of_file(writer);
  round.reader_after = bytes_of_file(reader);
  township.back_up();
  static_cast<void>(sync_now(writer, link));
  round.writer_backed_up = bytes_of_file(writer);
  round.hub_bytes = bytes_of_file(township.stopped());
  return round;
}

bool same(const RoundKind& a, const RoundKind& b) {
  return a.batch == b.batch && a.link.one_way_ms == b.link.one_way_ms && a.link.tls == b.link.tls &&
         a.ids == b.ids;
}

Figure timed_figure(const VisitSync& what, const VisitRounds& of, const std::string& metric,
                    const Spread& seconds, const std::string& more) {
  const bool delayed = of.kind.link.one_way_ms > 0;
  return {
      what.row,
      metric + of.kind.text(),
      seconds,
      "s",
      of.spread([&](const VisitRound& round) { return round.*what.plain_s; }).median,
      "plain SQLite inserting them, 100 a transaction, FULL",
      delayed ? value_at_most(delayed_at_most_s) : ratio_at_most(what.floors_at_most),
      fmt::format("{:.0f} visits/s, Realm {:.0f} on another day{}{}", of.visits / seconds.median,
                  what.realm_per_s, more.empty() ? "" : "; ", more)};
}

}  // namespace

std::string RoundKind::text() const {
  return fmt::format(", written {} a transaction{}{}", batch, link.text(),
                     ids == HarnessIds::random ? ", ids that do not rise" : "");
}

const VisitRounds& visit_rounds(const BenchOptions& options, const RoundKind& kind) {
  static std::deque<VisitRounds> all;
  for (const VisitRounds& done : all) {
    if (same(done.kind, kind)) return done;
  }
  const Workload workload = workload_of(options, kind.ids);
  VisitRounds of{kind,
                 static_cast<double>(workload.visits.size()),
                 zstd_csv_bytes(workload.visits),
                 zstd_column_bytes(workload.visits),
                 {}};
  for (int i = 0; i < options.repeats; ++i) of.rounds.push_back(run_round(workload, kind));
  return all.emplace_back(std::move(of));
}

Figure seconds_figure(const VisitSync& what, const VisitRounds& of) {
  const auto median = [&](auto get) { return of.spread(get).median; };
  return timed_figure(
      what, of, what.metric + ", up to date",
      of.spread([&](const VisitRound& round) { return (round.*what.sync).seconds; }),
      fmt::format("processor {:.2f} s phone, {:.2f} s hub, {:.2f} s all rows in plain SQLite",
                  median([&](const VisitRound& round) { return (round.*what.sync).processor_s; }),
                  median([&](const VisitRound& round) { return round.*what.hub_s; }),
                  median([](const VisitRound& round) { return round.plain_processor_s; })));
}

Figure acknowledged_figure(const VisitSync& what, const VisitRounds& of) {
  return timed_figure(
      what, of, what.metric + ", until all is acknowledged",
      of.spread([&](const VisitRound& round) { return (round.*what.sync).acknowledged_s; }), {});
}

Figure wire_figure(const VisitSync& what, const VisitRounds& of) {
  const double up = of.spread([&](const VisitRound& round) {
                        return static_cast<double>((round.*what.sync).wire.up) / of.visits;
                      }).median;
  return {what.row,
          what.metric + ", all bytes" + of.kind.text(),
          of.spread(
              [&](const VisitRound& round) { return (round.*what.sync).wire.both() / of.visits; }),
          "B/visit",
          of.zstd_csv,
          "zstd -19 of the values as CSV",
          value_at_most(bytes_at_most),
          fmt::format("{:.1f} up; zstd -19 column by column {:.1f}", up, of.zstd_columns)};
}

}  // namespace doorstep::bench
