#include <fmt/format.h>

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_random.hpp"
#include "schema/loader.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace {

/// A replica that belongs to no hub: local work is all that is measured here.
std::shared_ptr<Replica> make_replica(const std::string& path, const Schema& schema, bool full) {
  SystemRandom random;
  NewReplica replica;
  replica.schema = schema.source();
  replica.device = random.id<DeviceId>();
  replica.device_name = "bench";
  replica.role = "village_secretary";
  replica.keys = key_pair_of(random.id<Nonce>());
  replica.hub = random.id<HubId>();
  replica.hub_url = "ws://127.0.0.1:1";
  replica.scopes = {ScopeId{test::dushi}};
  must(create_replica(path, replica));
  ReplicaOptions options;
  options.synchronous = full ? Synchronous::full : Synchronous::normal;
  return must(Replica::open(path, options));
}

struct Case {
  std::string name;
  std::size_t batch;
  bool full;
  double bound;  ///< on the ratio of the times
};

Figure run_case(const Case& one, const Schema& schema, const BenchOptions& options) {
  const Table& visit = schema.table(schema.find_table("visit").value());
  const std::size_t count = one.batch == 1 ? options.single_row_transactions : options.visits;
  const Value household = Value::blob(SystemRandom().id<DeviceId>().view());
  std::vector<double> ours;
  std::vector<double> floors;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    const test::ScratchFolder folder("bench-insert");
    const auto rows = make_visits(visit, count, household, static_cast<std::uint64_t>(repeat) + 1);
    auto plain = make_plain_file(folder.file("plain.db"), schema, one.full);
    const auto replica = make_replica(folder.file("replica.db"), schema, one.full);
    // Slices of both in turn, so that a slow minute of the machine falls on both.
    double ours_s = 0;
    double floor_s = 0;
    const std::size_t slice = std::max<std::size_t>(one.batch, count / 10);
    for (std::size_t at = 0; at < count; at += slice) {
      const std::size_t end = std::min(at + slice, count);
      floor_s += seconds_of([&] { insert_plain(plain, visit, rows, at, end, one.batch); });
      ours_s += seconds_of([&] { insert_through_sdk(*replica, visit, rows, at, end, one.batch); });
    }
    ours.push_back(static_cast<double>(count) / ours_s);
    floors.push_back(static_cast<double>(count) / floor_s);
  }
  // Rates are "more is better": the ratio is given in time, as floor rate over ours.
  const Spread rate = spread_of(ours);
  const Spread floor = spread_of(floors);
  return {"A",
          one.name,
          {1e6 / rate.maximum, 1e6 / rate.median, 1e6 / rate.minimum},
          "us/row",
          1e6 / floor.median,
          "plain SQLite",
          ratio_at_most(one.bound),
          {}};
}

}  // namespace

Report bench_local_writes(const BenchOptions& options) {
  const Schema schema =
      must(load_schema_file((test::source_dir() / "schema/village.toml").string()));
  Report report;
  for (const Case& one : {Case{"insert, 1 row a transaction, FULL", 1, true, 1.10},
                          Case{"insert, 1 row a transaction, NORMAL", 1, false, 1.50},
                          Case{"insert, 100 rows a transaction, FULL", 100, true, 1.50},
                          Case{"insert, 100 rows a transaction, NORMAL", 100, false, 1.50}}) {
    report.figures.push_back(run_case(one, schema, options));
  }
  return report;
}

}  // namespace doorstep::bench
