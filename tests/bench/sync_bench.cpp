#include <fmt/format.h>

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

}  // namespace

std::vector<Figure> bench_sync(const BenchOptions& options) {
  const Schema schema =
      must(load_schema_file((test::source_dir() / "schema/village.toml").string()));
  const auto visits = static_cast<double>(options.visits);
  std::vector<Figure> figures;
  for (const std::size_t batch : {std::size_t{100}, std::size_t{1}}) {
    std::vector<Round> rounds;
    for (int i = 0; i < options.repeats; ++i) {
      rounds.push_back(run_round(schema, options, static_cast<std::uint64_t>(i) + 1, batch));
    }
    const std::string written = fmt::format("written {} a transaction", batch);
    const double floor_rate =
        visits / spread(rounds, [](const Round& r) { return r.floor_s; }).median;
    const double zstd = spread(rounds, [](const Round& r) { return r.zstd_floor; }).median;
    const double plain = spread(rounds, [](const Round& r) { return r.plain_bytes; }).median;
    const auto wire = [&](const TimedSync& s) {
      return static_cast<double>(s.report.bytes_sent + s.report.bytes_received) / visits;
    };
    figures.push_back({"B", "push, " + written,
                       spread(rounds, [&](const Round& r) { return visits / r.push.seconds; }),
                       "visits/s", floor_rate, "plain SQLite inserting them, 100 a transaction"});
    figures.push_back({"B", "push, up alone, " + written,
                       spread(rounds,
                              [&](const Round& r) {
                                return static_cast<double>(r.push.report.bytes_sent) / visits;
                              }),
                       "B/visit", zstd, "zstd -19 of the values as CSV"});
    figures.push_back({"B", "push, both ways with echo, " + written,
                       spread(rounds, [&](const Round& r) { return wire(r.push); }), "B/visit",
                       zstd, "zstd -19 of the values as CSV"});
    figures.push_back({"C", "first load, " + written,
                       spread(rounds, [&](const Round& r) { return visits / r.pull.seconds; }),
                       "visits/s", floor_rate, "plain SQLite inserting them, 100 a transaction"});
    figures.push_back({"C", "first load, both ways, " + written,
                       spread(rounds, [&](const Round& r) { return wire(r.pull); }), "B/visit",
                       zstd, "zstd -19 of the values as CSV"});
    const auto file = [&](std::string metric, auto get) {
      figures.push_back({"F", std::move(metric) + ", " + written, spread(rounds, get), "bytes",
                         plain, "plain SQLite file, same tables and visits"});
    };
    file("writer's file before", [](const Round& r) { return r.writer_before; });
    file("writer's file, all pending", [](const Round& r) { return r.writer_pending; });
    file("writer's file, synced", [](const Round& r) { return r.writer_after; });
    file("reader's file, synced", [](const Round& r) { return r.reader_after; });
    file("hub's file", [](const Round& r) { return r.hub_bytes; });
  }
  return figures;
}

}  // namespace doorstep::bench
