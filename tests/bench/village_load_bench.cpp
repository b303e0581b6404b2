#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "tests/bench/benches.hpp"
#include "tests/bench/enrolled_replica.hpp"
#include "tests/bench/fleet.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t rows_of_transaction = 100;
constexpr std::array<std::size_t, 3> devices_at_once{1, 10, 100};
constexpr std::size_t devices_made = 1 + 1 + 1 + 10 + 100;  // author, phone, and those at once
const ScopeId large_village{"431224103212"};

/// A hub process with one large village, and devices that have never called.
class LargeVillage {
 public:
  LargeVillage(const std::string& folder, std::size_t rows)
      : folder_(folder), schema_(harness_schema()), visits_(schema_, 1) {
    for (std::uint32_t i = 0; i < devices_made; ++i) {
      devices_.emplace_back(i, std::vector{large_village});
    }
    const RowId household = visits_.new_id();
    for (std::size_t i = 0; i < rows; ++i) rows_.push_back(visits_.draw(household));
    hub_ = std::make_unique<HubProcess>(folder + "/hub", [&](HubStore& hub) {
      enrol_all(hub, devices_);
      WrittenAhead& author = devices_.front();
      author.write(schema_, {}, village_rows(schema_, large_village.code, household));
      std::vector<RowChange> changes;
      for (const VisitRow& row : rows_) {
        changes.push_back(change_of(schema_, visits_.table().name, {}, row));
        if (changes.size() < rows_of_transaction) continue;
        author.write(schema_, {}, std::exchange(changes, {}));
      }
      if (!changes.empty()) author.write(schema_, {}, std::move(changes));
      merge_all(hub, author);
    });
    hub_->serve();
  }

  /// Seconds that plain SQLite needs for the rows.
  [[nodiscard]] double insert_into_plain() {
    auto plain = make_plain_file(folder_ + "/plain.db", schema_, true);
    return seconds_of(
        [&] { insert_plain(plain, visits_.table(), rows_, 0, rows_.size(), rows_of_transaction); });
  }
  /// Seconds until a replica file of a phone is up to date.
  [[nodiscard]] double load_replica() {
    const WrittenAhead& device = next_devices(1).front();
    const std::string file = folder_ + "/replica.db";
    make_replica_file(file, schema_, device, address_of(*hub_));
    return sync_file(file, hub_->url()).seconds;
  }
  struct Loads {
    double hub_s = 0;  ///< processor, for each device
    double median_s = 0;
    double slowest_s = 0;
  };
  /// Devices that read everything and keep nothing, all at once. The hub has just begun: it keeps
  /// nothing of what it has read for others.
  [[nodiscard]] Loads load(std::size_t devices) {
    hub_->stop();
    hub_->serve();
    std::vector<Call> calls;
    for (const WrittenAhead& device : next_devices(devices)) calls.push_back({&device, {}, false});
    Fleet fleet(*hub_, schema_, false);
    const double before = processor_seconds(hub_->process());
    const auto results = fleet.call(std::move(calls), devices);
    must_all_have_ended(results);
    std::vector<double> each;
    for (const CallResult& result : results) {
      if (result.rows < rows_.size()) fail_assert("rows are missing", __FILE__, __LINE__);
      each.push_back(result.ended_s - result.began_s);
    }
    const Spread spread = spread_of(std::move(each));
    const double used = processor_seconds(hub_->process()) - before;
    return {used / static_cast<double>(devices), spread.median, spread.maximum};
  }

 private:
  /// Such as have never called: the first of them wrote the rows.
  [[nodiscard]] std::span<const WrittenAhead> next_devices(std::size_t count) {
    const std::span<const WrittenAhead> all(devices_);
    const auto taken = all.subspan(1 + called_, count);
    called_ += count;
    return taken;
  }

  std::string folder_;
  Schema schema_;
  HomeVisits visits_;
  std::vector<WrittenAhead> devices_;
  std::vector<VisitRow> rows_;
  std::unique_ptr<HubProcess> hub_;
  std::size_t called_ = 0;
};

}  // namespace

Report bench_village_loads(const BenchOptions& options) {
  constexpr auto& counts = devices_at_once;
  std::vector<double> replica;
  std::vector<double> floor;
  std::array<std::vector<double>, counts.size()> hub;
  std::array<std::vector<double>, counts.size()> slowest;
  for (int i = 0; i < options.repeats; ++i) {
    const test::ScratchFolder folder("bench-village-load");
    LargeVillage village(folder.path(), options.village_rows);
    floor.push_back(village.insert_into_plain());
    replica.push_back(village.load_replica());
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const auto loads = village.load(counts[k]);
      hub[k].push_back(loads.hub_s);
      slowest[k].push_back(loads.slowest_s / loads.median_s);
    }
  }
  Report report;
  report.figures.push_back(
      {"K", fmt::format("first load of {} rows by one phone, FULL", options.village_rows),
       spread_of(replica), "s", spread_of(floor).median,
       "plain SQLite inserting them, 100 a transaction", ratio_at_most(2.0), "CHT 18 s"});
  const double alone = spread_of(hub[0]).median;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const std::string by = fmt::format(" {} at once", counts[k]);
    const bool first = k == 0;
    report.figures.push_back({"K",
                              "hub's processor for each of" + by,
                              spread_of(hub[k]),
                              "s",
                              first ? 0 : alone,
                              first ? "" : "the same for one alone",
                              first ? std::nullopt : std::optional(ratio_at_most(0.99)),
                              {}});
    if (first) continue;
    report.figures.push_back({"K",
                              "slowest over the median of" + by,
                              spread_of(slowest[k]),
                              "times",
                              0,
                              {},
                              value_at_most(2),
                              {}});
  }
  return report;
}

}  // namespace doorstep::bench
