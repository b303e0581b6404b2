#include <fmt/format.h>

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_random.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/bench/township.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

/// Rows that one side writes before it is the other's turn: short enough that a slow moment of the
/// machine falls on both.
constexpr std::size_t slice_of_single = 100;
constexpr std::size_t slice_of_batches = 500;

struct Case {
  std::string name;
  std::size_t batch;
  bool full;
  bool update;
  std::optional<double> bound;  ///< on the ratio of the times
};

/// A replica that belongs to no hub: local work is all that is measured here.
void make_lone_replica(const std::string& path, const Schema& schema) {
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
}

std::shared_ptr<Replica> open_for_writing(const std::string& path, bool full) {
  ReplicaOptions options;
  options.synchronous = full ? Synchronous::full : Synchronous::normal;
  return must(Replica::open(path, options));
}

/// `ours` and `plain` take turns with slices of [0, count), and take turns in going first.
struct Sides {
  Spent ours;
  Spent plain;
};
using Slice = std::function<void(std::size_t first, std::size_t last)>;
Sides take_turns(std::size_t count, std::size_t slice, const Slice& ours, const Slice& plain) {
  Sides spent;
  bool ours_first = false;
  for (std::size_t at = 0; at < count; at += slice, ours_first = !ours_first) {
    const std::size_t end = std::min(at + slice, count);
    if (ours_first) spent.ours += spent_in([&] { ours(at, end); });
    spent.plain += spent_in([&] { plain(at, end); });
    if (!ours_first) spent.ours += spent_in([&] { ours(at, end); });
  }
  return spent;
}

Sides insert_in_turns(const Case& one, const Workload& workload, std::size_t count,
                      std::size_t slice) {
  const test::ScratchFolder folder("bench-write");
  const std::string file = folder.file("replica.db");
  make_lone_replica(file, workload.schema);
  auto plain = make_plain_file(folder.file("plain.db"), workload.schema, one.full, file);
  const auto replica = open_for_writing(file, one.full);
  insert_ground(*replica, workload);
  insert_ground(plain, workload);
  const Table& table = workload.visit_table();
  return take_turns(
      count, slice,
      [&](std::size_t first, std::size_t last) {
        insert_through_sdk(*replica, table, workload.visits, first, last, one.batch);
      },
      [&](std::size_t first, std::size_t last) {
        insert_plain(plain, table, workload.visits, first, last, one.batch);
      });
}

/// Each visit once, in another order than they were inserted.
std::vector<VisitEdit> edits_of_all(const Workload& workload, std::size_t count) {
  const std::size_t visits = workload.visits.size();
  const ColumnId needs = *workload.visit_table().find_column("needs");
  std::vector<VisitEdit> edits;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t visit = i * 7'919 % visits;  // a prime that divides no number of visits here
    edits.push_back({visit, needs, Value::text("轮椅，第" + std::to_string(i) + "次问起")});
  }
  return edits;
}

/// Of visits that the hub has and nothing is pending of, as a phone finds them in the morning.
Sides update_in_turns(const Case& one, const Workload& workload, std::size_t count,
                      std::size_t slice) {
  Township township(workload, false);
  const std::string file = township.phone("editor");
  LinkProxy link(township.url(), 0);
  write_village(file, workload, &link);
  auto plain = make_plain_file(township.file("plain.db"), workload.schema, one.full, file);
  insert_ground(plain, workload);
  insert_plain(plain, workload.visit_table(), workload.visits, 0, workload.visits.size(), 100);
  const auto edits = edits_of_all(workload, count);
  const auto replica = open_for_writing(file, one.full);
  return take_turns(
      count, slice,
      [&](std::size_t first, std::size_t last) {
        edit_through_sdk(*replica, workload, edits, first, last, one.batch);
      },
      [&](std::size_t first, std::size_t last) {
        edit_plain(plain, workload, edits, first, last, one.batch);
      });
}

Figure run_case(const Case& one, const Workload& workload, const BenchOptions& options) {
  const std::size_t visits = workload.visits.size();
  const std::size_t count =
      one.batch == 1 ? std::min(options.single_row_transactions, visits) : visits;
  const std::size_t slice = one.batch == 1 ? slice_of_single : slice_of_batches;
  std::vector<double> ours;
  std::vector<double> floors;
  std::vector<double> processor;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    const Sides spent = one.update ? update_in_turns(one, workload, count, slice)
                                   : insert_in_turns(one, workload, count, slice);
    const auto rows = static_cast<double>(count);
    ours.push_back(spent.ours.wall_s / rows * 1e6);
    floors.push_back(spent.plain.wall_s / rows * 1e6);
    processor.push_back(spent.ours.processor_s / spent.plain.processor_s);
  }
  return {"A",
          one.name,
          spread_of(ours),
          "us/row",
          spread_of(floors).median,
          "plain SQLite",
          one.bound ? std::optional(ratio_at_most(*one.bound)) : std::nullopt,
          fmt::format("processor time {:.2f} of the floor's", spread_of(processor).median)};
}

}  // namespace

Report bench_local_writes(const BenchOptions& options) {
  const Workload workload = workload_of(options);
  std::vector<Case> cases = {{"insert, 1 row a transaction, FULL", 1, true, false, 1.10},
                             {"insert, 1 row a transaction, NORMAL", 1, false, false, 1.50},
                             {"insert, 100 rows a transaction, FULL", 100, true, false, 1.50},
                             {"insert, 100 rows a transaction, NORMAL", 100, false, false, 1.50}};
  if (!workload.visit_table().append_only) {
    cases.push_back({"update of a column, 1 row a transaction, NORMAL", 1, false, true, 1.70});
    cases.push_back({"update of a column, 100 rows a transaction, NORMAL", 100, false, true, 1.50});
  }
  Report report;
  for (const Case& one : cases) report.figures.push_back(run_case(one, workload, options));
  if (options.village) return report;
  // What an app that makes its ids otherwise pays: of such rows ds_pending has something.
  const Workload random = workload_of(options, HarnessIds::random);
  for (const std::size_t batch : {std::size_t{1}, std::size_t{100}}) {
    const std::string name =
        fmt::format("insert, {} row{} a transaction, NORMAL, ids that do not rise", batch,
                    batch == 1 ? "" : "s");
    report.figures.push_back(run_case({name, batch, false, false, {}}, random, options));
  }
  return report;
}

}  // namespace doorstep::bench
