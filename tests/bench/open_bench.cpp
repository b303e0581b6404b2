#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/sql_functions.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/enrolled_replica.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t small_rows = 1'000;
constexpr std::size_t pending_rows = 10'000;
constexpr std::size_t rows_of_fill = 10'000;
constexpr std::size_t openings = 20;
const ScopeId opened_village{"431224103212"};

/// A replica that was synced and rests, and what is written on it.
class Rested {
 public:
  Rested(std::string file, const Schema& schema, std::size_t rows, std::size_t pending)
      : file_(std::move(file)), visits_(schema, rows), household_(visits_.new_id()) {
    make_replica_file(file_, schema, WrittenAhead(1, {opened_village}), {});
    // As a first load leaves them: at rest a device keeps nothing beside the rows themselves.
    auto db = must(sqlite::Database::open(file_, {}));
    const SystemClock clock;
    SystemRandom random;
    must(register_sql_functions(db, clock, random, true));
    must(db.run("PRAGMA synchronous = OFF"));
    for (std::size_t at = 0; at < rows; at += rows_of_fill) {
      std::vector<VisitRow> some;
      for (std::size_t i = at; i < std::min(rows, at + rows_of_fill); ++i) {
        some.push_back(visits_.draw(household_));
      }
      insert_plain(db, visits_.table(), some, 0, some.size(), rows_of_fill);
    }
    if (pending == 0) return;
    ReplicaOptions options;
    options.synchronous = Synchronous::normal;
    const auto replica = must(Replica::open(file_, options));
    std::vector<VisitRow> own;
    for (std::size_t i = 0; i < pending; ++i) own.push_back(visits_.draw(household_));
    insert_through_sdk(*replica, visits_.table(), own, 0, own.size(), 1);
  }

  struct Opening {
    Spent open;
    Spent first_write;
  };
  [[nodiscard]] Opening open() {
    Opening result;
    std::shared_ptr<Replica> replica;
    result.open = spent_in([&] { replica = must(Replica::open(file_)); });
    const VisitRow visit = visits_.draw(household_);
    Bindings bindings;
    for (const Value& value : visit) bindings.push_back({"", value});
    const std::string sql = insert_sql(visits_.table());
    result.first_write =
        spent_in([&] { static_cast<void>(must(replica->execute(sql, bindings))); });
    return result;
  }

 private:
  std::string file_;
  HomeVisits visits_;
  RowId household_;
};

using Openings = std::vector<Rested::Opening>;

Spread times_of(const Openings& all, Spent Rested::Opening::*what, double Spent::*time) {
  std::vector<double> values;
  for (const auto& one : all) values.push_back(one.*what.*time * 1e3);
  return spread_of(std::move(values));
}

}  // namespace

Report bench_opening(const BenchOptions& options) {
  const Schema schema = harness_schema();
  const test::ScratchFolder folder("bench-opening");
  Rested small(folder.file("small.db"), schema, small_rows, 0);
  Rested large(folder.file("large.db"), schema, options.replica_rows, pending_rows);
  Openings of_small;
  Openings of_large;
  for (std::size_t i = 0; i < openings; ++i) {
    of_small.push_back(small.open());
    of_large.push_back(large.open());
  }
  const std::string at = fmt::format(", {} rows, {} pending", options.replica_rows, pending_rows);
  const std::string floor = fmt::format("{} rows, none pending", small_rows);
  Report report;
  const auto add = [&](const std::string& what, Spent Rested::Opening::*of, double Spent::*time,
                       std::optional<Reach> reach) {
    report.figures.push_back({"L",
                              what + at,
                              times_of(of_large, of, time),
                              "ms",
                              times_of(of_small, of, time).median,
                              floor,
                              reach,
                              {}});
  };
  add("open", &Rested::Opening::open, &Spent::wall_s, ratio_at_most(1.3));
  add("the same, processor", &Rested::Opening::open, &Spent::processor_s, {});
  add("first write after it, FULL", &Rested::Opening::first_write, &Spent::wall_s,
      ratio_at_most(1.3));
  add("the same, processor", &Rested::Opening::first_write, &Spent::processor_s, {});
  return report;
}

}  // namespace doorstep::bench
