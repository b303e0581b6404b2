#include "tests/bench/visit_rounds.hpp"

#include <fmt/format.h>

#include <deque>

#include "engine/core/assert.hpp"
#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

constexpr double delayed_at_most_s = 0.45;
constexpr double bytes_at_most = 70;

/// Plain SQLite with the same rows: what writing them alone costs. Half of the seconds are added to
/// the round's floors, as it is done twice.
void insert_into_plain(const Workload& workload, const std::string& file, const std::string& like,
                       VisitRound& round) {
  auto plain = make_plain_file(file, workload.schema, true, like);
  const double ground = seconds_of([&] { insert_ground(plain, workload); });
  const double visits = seconds_of([&] {
    insert_plain(plain, workload.visit_table(), workload.visits, 0, workload.visits.size(), 100);
  });
  round.plain_push_s += visits / 2;
  round.plain_pull_s += (ground + visits) / 2;
}

VisitRound run_round(const Workload& workload, const RoundKind& kind) {
  Township township(workload, kind.link.tls);
  LinkProxy link(township.url(), kind.link.one_way_ms);
  const std::string writer = township.phone("writer");
  const std::string reader = township.phone("reader");
  const auto count = workload.visits.size();

  VisitRound round;
  {
    const auto replica = must(Replica::open(writer));
    insert_ground(*replica, workload);
  }
  static_cast<void>(sync_now(writer, link));
  round.writer_before = bytes_of_file(writer);
  // Before and after, so that a slow minute of the machine falls on both.
  insert_into_plain(workload, township.file("plain.db"), writer, round);
  round.plain_bytes = bytes_of_file(township.file("plain.db"));
  {
    ReplicaOptions options;
    options.synchronous = Synchronous::normal;  // what is measured begins when all is written
    const auto replica = must(Replica::open(writer, options));
    insert_through_sdk(*replica, workload.visit_table(), workload.visits, 0, count, kind.batch);
  }
  round.writer_pending = bytes_of_file(writer);
  round.push = sync_now(writer, link);
  round.pull = sync_now(reader, link);
  insert_into_plain(workload, township.file("plain.db"), writer, round);
  DS_ASSERT(round.pull.report.rows_written >= count);
  round.writer_after = bytes_of_file(writer);
  round.reader_after = bytes_of_file(reader);
  round.hub_bytes = bytes_of_file(township.stopped());
  return round;
}

bool same(const RoundKind& a, const RoundKind& b) {
  return a.batch == b.batch && a.link.one_way_ms == b.link.one_way_ms && a.link.tls == b.link.tls;
}

}  // namespace

std::string RoundKind::text() const {
  return fmt::format(", written {} a transaction{}", batch, link.text());
}

const VisitRounds& visit_rounds(const BenchOptions& options, const RoundKind& kind) {
  static std::deque<VisitRounds> all;
  for (const VisitRounds& done : all) {
    if (same(done.kind, kind)) return done;
  }
  const Workload workload = workload_of(options);
  VisitRounds of{kind,
                 static_cast<double>(workload.visits.size()),
                 zstd_csv_bytes(workload.visits),
                 zstd_column_bytes(workload.visits),
                 {}};
  for (int i = 0; i < options.repeats; ++i) of.rounds.push_back(run_round(workload, kind));
  return all.emplace_back(std::move(of));
}

Figure seconds_figure(const VisitSync& what, const VisitRounds& of) {
  const Spread seconds =
      of.spread([&](const VisitRound& round) { return (round.*what.sync).seconds; });
  const Spread acknowledged =
      of.spread([&](const VisitRound& round) { return (round.*what.sync).acknowledged_s; });
  std::string note = fmt::format("{:.0f} visits/s; Realm {:.0f} on another day",
                                 of.visits / seconds.median, what.realm_per_s);
  if (what.sync == &VisitRound::push) {
    note += fmt::format("; {:.3f} s until all was acknowledged", acknowledged.median);
  }
  return {what.row,
          what.metric + of.kind.text(),
          seconds,
          "s",
          of.spread([&](const VisitRound& round) { return round.*what.plain_s; }).median,
          "plain SQLite inserting them, 100 a transaction, FULL",
          of.kind.link.one_way_ms > 0 ? value_at_most(delayed_at_most_s)
                                      : ratio_at_most(what.floors_at_most),
          std::move(note)};
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
