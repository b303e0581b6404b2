#include <fmt/format.h>

#include <array>
#include <optional>

#include "schema/loader.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace {

/// What one round gave; a round has its own hub, writer and reader.
struct Round {
  double floor_s = 0;
  TimedSync push;
  TimedSync pull;
  double plain_bytes = 0;
  double writer_before = 0;
  double writer_pending = 0;
  double writer_after = 0;
  double reader_after = 0;
  double hub_bytes = 0;
  double zstd_floor = 0;
};

/// The household that all visits of the bench are paid to, written by the phone itself.
Value make_household(Replica& replica) {
  must(
      replica.execute("insert into household (id, village_code, villager_group, head_name) values "
                      "(uuid7(), :village, 1, 'bench')",
                      {{"village", Value::text(std::string_view(test::dushi))}}));
  return must(replica.query("select id from household where head_name = 'bench'"))
      .sets.at(0)
      .rows.at(0)
      .at(0);
}

Round run_round(const Schema& schema, const BenchOptions& options, std::uint64_t seed,
                std::size_t batch) {
  const Table& visit = schema.table(schema.find_table("visit").value());
  const test::ScratchFolder folder("bench-sync");
  test::TownshipHub hub(folder.file("hub"));
  hub.serve();
  const test::Phone writer(folder.file("writer.db"), "writer");
  const test::Phone reader(folder.file("reader.db"), "reader");
  static_cast<void>(writer.enrol(hub));
  static_cast<void>(reader.enrol(hub));

  Round round;
  auto replica = must(Replica::open(writer.file()));
  const Value household = make_household(*replica);
  static_cast<void>(sync_now(writer.file(), hub.url()));
  round.writer_before = bytes_of_file(writer.file());
  const auto rows = make_visits(visit, options.visits, household, seed);
  round.zstd_floor = zstd_floor_bytes(rows);
  auto plain = make_plain_file(folder.file("plain.db"), schema, true);
  round.floor_s = seconds_of([&] { insert_plain(plain, visit, rows, 0, rows.size(), 100); });
  round.plain_bytes = bytes_of_file(folder.file("plain.db"));

  insert_through_sdk(*replica, visit, rows, 0, rows.size(), batch);
  round.writer_pending = bytes_of_file(writer.file());
  round.push = sync_now(writer.file(), hub.url());
  round.pull = sync_now(reader.file(), hub.url());
  replica.reset();
  round.writer_after = bytes_of_file(writer.file());
  round.reader_after = bytes_of_file(reader.file());
  hub.stop();
  round.hub_bytes = bytes_of_file(hub.database());
  return round;
}

template <class Get>
Spread spread(const std::vector<Round>& rounds, Get get) {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(get(round));
  return spread_of(values);
}

constexpr std::array<std::size_t, 2> batches = {100, 1};
constexpr double push_bound = 2.2;
constexpr double load_bound = 2.0;

struct Rounds {
  std::size_t batch = 0;
  std::vector<Round> rounds;
};

/// Rows B, C and F look at the same rounds: run once in a process.
const std::vector<Rounds>& rounds_of(const BenchOptions& options) {
  static std::vector<Rounds> all;
  if (!all.empty()) return all;
  const Schema schema =
      must(load_schema_file((test::source_dir() / "schema/village.toml").string()));
  for (const std::size_t batch : batches) {
    Rounds of_batch{batch, {}};
    for (int i = 0; i < options.repeats; ++i) {
      of_batch.rounds.push_back(
          run_round(schema, options, static_cast<std::uint64_t>(i) + 1, batch));
    }
    all.push_back(std::move(of_batch));
  }
  return all;
}

std::string written(const Rounds& of) {
  return fmt::format(", written {} a transaction", of.batch);
}

/// Seconds of `get` beside plain SQLite's, with its mark.
template <class Get>
Figure time_figure(std::string row, std::string metric, const Rounds& of, double bound, Get get) {
  return {std::move(row),
          std::move(metric),
          spread(of.rounds, get),
          "s",
          spread(of.rounds, [](const Round& r) { return r.floor_s; }).median,
          "plain SQLite inserting them, 100 a transaction",
          ratio_at_most(bound),
          {}};
}

template <class Get>
Figure wire_figure(std::string row, std::string metric, const Rounds& of,
                   std::optional<Reach> reach, Get get) {
  return {std::move(row),
          std::move(metric),
          spread(of.rounds, get),
          "B/visit",
          spread(of.rounds, [](const Round& r) { return r.zstd_floor; }).median,
          "zstd -19 of the values as CSV",
          reach,
          {}};
}

}  // namespace

Report bench_push(const BenchOptions& options) {
  const auto visits = static_cast<double>(options.visits);
  Report report;
  for (const Rounds& of : rounds_of(options)) {
    report.figures.push_back(time_figure("B", "push" + written(of), of, push_bound,
                                         [](const Round& r) { return r.push.seconds; }));
    report.figures.push_back(wire_figure(
        "B", "push, up alone" + written(of), of, std::nullopt,
        [&](const Round& r) { return static_cast<double>(r.push.report.bytes_sent) / visits; }));
    report.figures.push_back(wire_figure(
        "B", "push, both ways with echo" + written(of), of, value_at_most(70), [&](const Round& r) {
          return static_cast<double>(r.push.report.bytes_sent + r.push.report.bytes_received) /
                 visits;
        }));
  }
  return report;
}

Report bench_first_load(const BenchOptions& options) {
  const auto visits = static_cast<double>(options.visits);
  Report report;
  for (const Rounds& of : rounds_of(options)) {
    report.figures.push_back(time_figure("C", "first load" + written(of), of, load_bound,
                                         [](const Round& r) { return r.pull.seconds; }));
    report.figures.push_back(wire_figure(
        "C", "first load, both ways" + written(of), of, value_at_most(70), [&](const Round& r) {
          return static_cast<double>(r.pull.report.bytes_sent + r.pull.report.bytes_received) /
                 visits;
        }));
  }
  return report;
}

Report bench_files(const BenchOptions& options) {
  Report report;
  for (const Rounds& of : rounds_of(options)) {
    const double plain = spread(of.rounds, [](const Round& r) { return r.plain_bytes; }).median;
    const auto file = [&](std::string metric, std::optional<Reach> reach, auto get) {
      report.figures.push_back({"F",
                                std::move(metric) + written(of),
                                spread(of.rounds, get),
                                "bytes",
                                plain,
                                "plain SQLite file, same tables and visits",
                                reach,
                                {}});
    };
    file("writer's file before", {}, [](const Round& r) { return r.writer_before; });
    file("writer's file, all pending", ratio_at_most(of.batch == 1 ? 2.2 : 1.8),
         [](const Round& r) { return r.writer_pending; });
    file("writer's file, synced", ratio_at_most(1.05),
         [](const Round& r) { return r.writer_after; });
    file("reader's file, synced", ratio_at_most(1.05),
         [](const Round& r) { return r.reader_after; });
    file("hub's file", ratio_at_most(1.35), [](const Round& r) { return r.hub_bytes; });
  }
  return report;
}

}  // namespace doorstep::bench
