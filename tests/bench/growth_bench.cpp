#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <span>

#include "client-sdk/src/replica_internal.hpp"
#include "schema/loader.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/big_hub.hpp"
#include "tests/bench/enrolled_replica.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t syncs = 40;
const ScopeId grown_village{"431224100000"};  // the first of make_big_hub()

/// A hub with so many rows, and a phone in one of its villages that is up to date.
class GrownHub {
 public:
  GrownHub(const Schema& schema, const std::string& folder, std::size_t rows)
      : file_(folder + "/phone.db"), device_(1, {grown_village}) {
    {
      const auto store = make_big_hub(folder + "/hub", schema, rows);
      enrol_all(*store, {&device_, 1});
      // The rows were put as they are; the village's sums are what its phone is compared with.
      const auto commit = must(store->begin());
      must(commit->recount_digests(std::span(&grown_village, 1)));
      must(commit->commit({noon_ms}, CommitToken{{4}}));
    }
    hub_ = std::make_unique<HubProcess>(folder + "/hub");
    hub_->serve();
    make_replica_file(file_, schema, device_, address_of(*hub_));
    static_cast<void>(sync_file(file_, hub_->url()));
  }

  /// Milliseconds from the connection until the one visit written now is durable at the hub and the
  /// phone up to date.
  [[nodiscard]] double sync_one_change() {
    {
      const auto replica = must(Replica::open(file_));
      must(replica->execute(
          "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
          "select uuid7(), id, '李秀英', '2024-05-02', 0, 'routine', '一切都好' from household "
          "limit 1"));
    }
    const double before = processor_seconds(hub_->process());
    const double seconds = sync_file(file_, hub_->url()).seconds;
    hub_s_ += processor_seconds(hub_->process()) - before;
    return seconds * 1e3;
  }
  /// The hub's processor time for one of these syncs, in milliseconds.
  [[nodiscard]] double hub_ms() const { return hub_s_ / static_cast<double>(syncs) * 1e3; }

 private:
  std::string file_;
  WrittenAhead device_;
  std::unique_ptr<HubProcess> hub_;
  double hub_s_ = 0;
};

}  // namespace

Report bench_growth(const BenchOptions& options) {
  const Schema schema =
      must(load_schema_file((test::source_dir() / "schema/village.toml").string()));
  const test::ScratchFolder folder("bench-growth");
  std::vector<std::unique_ptr<GrownHub>> hubs;
  for (const std::size_t rows : options.growth_rows) {
    const std::string own = folder.file(std::to_string(rows));
    std::filesystem::create_directories(own);
    hubs.push_back(std::make_unique<GrownHub>(schema, own, rows));
  }
  // In turn, so that a slow minute of the machine falls on all.
  std::vector<std::vector<double>> times(hubs.size());
  for (std::size_t i = 0; i < syncs; ++i) {
    for (std::size_t k = 0; k < hubs.size(); ++k) times[k].push_back(hubs[k]->sync_one_change());
  }
  Report report;
  const double first = spread_of(times.front()).median;
  const std::string floor = fmt::format("a hub with {} rows", options.growth_rows.front());
  for (std::size_t k = 0; k < hubs.size(); ++k) {
    const std::string at = fmt::format(", {} rows at the hub", options.growth_rows[k]);
    Figure time{"I", "sync one change" + at, spread_of(times[k]), "ms", 0, {}, {}, {}};
    const double used = hubs[k]->hub_ms();
    Figure processor{"I", "hub's processor for it" + at, {used, used, used}, "ms", 0, {}, {}, {}};
    if (k > 0) {
      time.floor = first;
      processor.floor = hubs.front()->hub_ms();
      time.floor_name = processor.floor_name = floor;
      time.reach = ratio_at_most(1.3);
    }
    report.figures.push_back(std::move(time));
    report.figures.push_back(std::move(processor));
  }
  return report;
}

}  // namespace doorstep::bench
